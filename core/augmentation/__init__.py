"""Augmentation: pictures changed at random while a network trains, so that it learns what does not matter."""

from core.augmentation.augment import AUGMENTATIONS, Augment
from core.augmentation.entry import Augmentation, Batch, Draw, Stage
from core.augmentation.recipe import Augmentations

__all__ = ["AUGMENTATIONS", "Augment", "Augmentation", "Augmentations", "Batch", "Draw", "Stage"]
