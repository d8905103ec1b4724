"""The parts of the training loop that can be read, tested and left out one at a time."""
