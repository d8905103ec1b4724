"""The parts of the normalization lesson, a file each."""
