"""Labelled pictures: built-in sets, downloads, and anybody's folder or zip of class folders, decoded and divided."""

from core.datasets.builtin import BUILT_IN, BuiltIn
from core.datasets.dataset import Pictures, Refusal, needed_bytes
from core.datasets.inspecting.cleaning import CleaningReport, inspect
from core.datasets.reading.decoding import MAX_CLASSES
from core.datasets.reading.loading import listing_of, load, survey
from core.datasets.remote import REMOTE, Downloads, Remote, Standing, arrived_bytes, download, is_downloaded

__all__ = [
    "BUILT_IN",
    "MAX_CLASSES",
    "REMOTE",
    "BuiltIn",
    "CleaningReport",
    "Downloads",
    "Pictures",
    "Refusal",
    "Remote",
    "Standing",
    "arrived_bytes",
    "download",
    "inspect",
    "is_downloaded",
    "listing_of",
    "load",
    "needed_bytes",
    "survey",
]
