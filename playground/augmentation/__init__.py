"""The parts of the augmentation lesson, one file each."""
