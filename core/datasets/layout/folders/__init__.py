"""What folders mean: splits, classes, masks and wrappers."""
