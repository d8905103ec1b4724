"""The parts of the gradient page."""
