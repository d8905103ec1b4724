"""The parts of the activation page."""
