"""Augmentation: pictures changed at random while a network trains, so that it learns what does not matter."""

from core.augmentation.augment import AUGMENTATIONS, Augment
from core.augmentation.recipe import Augmentations
from core.augmentation.types import Augmentation, Batch, Draw, Stage

__all__ = ["AUGMENTATIONS", "Augment", "Augmentation", "Augmentations", "Batch", "Draw", "Stage"]
