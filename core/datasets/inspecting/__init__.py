"""Checks of a loaded dataset: duplicates, odd files, and a baseline without training."""
