"""The parts of the kernels page, and the state they share."""
