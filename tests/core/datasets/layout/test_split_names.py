"""Flat file names that say the split and the class at once."""

import pytest

from core.datasets import LayoutChoice
from tests.core.datasets.layout.contents import grid, read

PETS = ("cat", "dog")
PARTS = ("train", "test")


@pytest.mark.parametrize(
    ("pattern", "parts", "splits"),
    [
        ("{s}_{c}_{i}.jpg", PARTS, PARTS),
        ("pets/{s}-{c}-{i}.png", ("train", "val", "test"), ("train", "validation", "test")),
        ("{c}_{s} ({i}).jpg", ("Training", "Valid"), ("train", "validation")),
        ("{s}/{s}_{c}_{i}.jpg", PARTS, PARTS),
    ],
)
def test_the_class_is_what_the_name_says_beside_its_split(pattern, parts, splits):
    listing = read(grid(pattern, PETS, 2, s=parts))
    assert (listing.reading, listing.refusal) == ("names", "")
    assert listing.split_counts == {split: {"cat": 2, "dog": 2} for split in splits}
    assert all(candidate.class_name in candidate.path for candidate in listing.candidates)


@pytest.mark.parametrize(
    ("images", "classes"),
    [
        (grid("{c}_{i}.jpg", ("train_station", "test_tube"), 2), ("test_tube", "train_station")),
        (grid("{c}_{i}.jpg", ("train_cat", "train_dog", "test_cat"), 2), ("test_cat", "train_cat", "train_dog")),
        (grid("{c}_{i}.jpg", ("train_cat", "train_dog", "test_cat", "test_dog", "fox"), 2), 5),
    ],
)
def test_names_that_do_not_share_out_every_class_are_taken_whole(images, classes):
    listing = read(images)
    assert listing.split_counts == {}
    assert listing.classes == classes or len(listing.classes) == classes


def test_the_whole_names_are_offered_and_the_split_can_be_redrawn():
    images = grid("{s}_{c}_{i}.jpg", PETS, 2, s=PARTS)
    whole = read(images, choice=LayoutChoice(reading="whole"))
    assert whole.class_counts == {"test_cat": 2, "test_dog": 2, "train_cat": 2, "train_dog": 2}
    assert whole.split_counts == {}
    redrawn = read(images, choice=LayoutChoice(split="redraw"))
    assert (redrawn.class_counts, redrawn.split_counts) == ({"cat": 4, "dog": 4}, {})


def test_names_that_differ_in_their_split_alone_are_no_classes():
    listing = read(grid("{s}_xray_{i}.jpg", [""], 3, s=PARTS))
    assert "tell no classes apart" in listing.refusal
    assert listing.readings == ()
