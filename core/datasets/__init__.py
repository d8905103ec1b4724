"""Labelled pictures: built-in sets, downloads, and anybody's folder or zip of class folders, decoded and divided."""

from core.datasets.builtin import BUILT_IN, BuiltIn
from core.datasets.pictures import Pictures, Refusal, needed_bytes
from core.datasets.reading.decoding import MAX_CLASSES
from core.datasets.reading.loading import listing_of, load

__all__ = ["BUILT_IN", "MAX_CLASSES", "BuiltIn", "Pictures", "Refusal", "listing_of", "load", "needed_bytes"]
