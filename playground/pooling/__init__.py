"""The parts of the pooling page."""
