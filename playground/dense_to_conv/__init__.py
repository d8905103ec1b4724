"""The parts of the page on fully connected layers and convolutions."""
