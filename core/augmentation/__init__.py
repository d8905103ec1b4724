"""Augmentation: images changed at random during training, so that a network learns what does not matter."""

from core.augmentation.augment import Augment
from core.augmentation.recipe import AUGMENTATIONS, Augmentations
from core.augmentation.types import Augmentation, BatchShape, Draw, Stage
