"""The parts of the augmentation page."""
