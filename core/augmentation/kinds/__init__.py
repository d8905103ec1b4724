"""The augmentations, by what they change. A new one is one field of its group, with its functions above it."""
