"""What is settled before and between the steps: whether the run can work, what it is fed, how fast it may go."""
