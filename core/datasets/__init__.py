"""Labelled pictures: built-in sets, and anybody's folder or zip of class folders, decoded, checked and divided."""

from core.datasets.builtin import BUILT_IN, BuiltIn
from core.datasets.loading import MAX_CLASSES, load
from core.datasets.pictures import Pictures, Refusal, needed_bytes

__all__ = ["BUILT_IN", "MAX_CLASSES", "BuiltIn", "Pictures", "Refusal", "load", "needed_bytes"]
