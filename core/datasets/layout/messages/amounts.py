"""Sentences on classes with too few images to train on, by the files, before anything is decoded."""

from __future__ import annotations

from collections.abc import Iterator

from core.datasets.layout.listing import Listing

LEAST = 5  # images of each class that a split needs to be of use


def too_few(listing: Listing) -> Iterator[str]:
    """One sentence if training is refused for want of images.

    A class needs 2 images to be kept. Each class gives one to the test first, which every recipe has, and never its
    last: where no class has a third, none is left for validation. A split that the source gives stays as it is.
    """
    if len(listing.classes) < 2:
        return
    counts = sorted(listing.class_counts.values())
    enough = f"provide at least {LEAST} images of each class"
    if counts[-2] < 2:
        yield f"Two classes with at least 2 images each are needed for training: {enough}."
    elif counts[-1] < 3 and not listing.split_counts:
        yield (
            "No class has more than 2 images: with a test split, as in every recipe, none is left for validation, and "
            f"training is refused; {enough}."
        )
