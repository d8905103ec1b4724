"""The parts of the normalization lesson, one file each."""
