"""Before and between the steps: whether the run can work, its input pipeline, and a learning rate."""
