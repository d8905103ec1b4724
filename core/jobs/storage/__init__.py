"""What outlives every process: a folder a run, with its order, its diary and what its owner wishes."""
