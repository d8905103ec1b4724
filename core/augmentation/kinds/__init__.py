"""The changes themselves, by what they change. A new one is an entry here and a strength in `Augmentations`."""
