"""The parts of the upsampling page."""
