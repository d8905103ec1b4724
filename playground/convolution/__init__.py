"""The parts of the convolution page."""
