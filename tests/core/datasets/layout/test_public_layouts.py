"""Layouts in which public datasets are published: each is read as its authors meant it."""

import pytest

from core.datasets import LayoutChoice
from tests.core.datasets.layout.contents import grid, read
from tests.core.datasets.layout.published_folders import BY_FOLDERS
from tests.core.datasets.layout.published_labels import BY_LABELS

LAYOUTS = BY_FOLDERS | BY_LABELS


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_public_layout_is_read_as_it_is_meant(name):
    images, others, reading, classes, splits, unlabelled = LAYOUTS[name]
    listing = read(images, others)
    assert (listing.reading, listing.refusal) == (reading, "")
    assert listing.class_counts == classes
    assert {split: sum(counts.values()) for split, counts in listing.split_counts.items()} == splits
    assert len(listing.unlabelled) == unlabelled
    assert listing.readings[0].class_counts == classes


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_file_is_a_candidate_or_unlabelled_or_left_out_with_a_reason(name):
    images, others, *_ = LAYOUTS[name]
    listing = read(images, others)
    parts = [[one.path for one in listing.candidates], [one.path for one in listing.unlabelled], list(listing.left_out)]
    assert sorted(path for part in parts for path in part) == sorted([*images, *others])
    assert list(listing.ignored) == list(listing.left_out)
    assert all(listing.left_out.values())


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_reading_that_is_offered_gives_its_classes_when_it_is_chosen(name):
    images, others, *_ = LAYOUTS[name]
    for reading in read(images, others).readings:
        listing = read(images, others, LayoutChoice(reading=reading.key))
        assert listing.reading == reading.key
        assert listing.class_counts == reading.class_counts
        if reading.columns:
            by_columns = read(images, others, LayoutChoice(reading="table", columns=reading.columns))
            assert by_columns.class_counts == reading.class_counts


@pytest.mark.parametrize(
    ("name", "key", "classes"),
    [
        ("Oxford-IIIT pets", "capitals", {"cat": 4, "dog": 8}),
        ("Oxford-IIIT pets", "table SPECIES", {"1": 4, "2": 8}),
        ("Stanford dogs", "renamed", {"Chihuahua": 3, "Japanese_spaniel": 3}),
        ("Udacity flowers", "renamed", {"fire lily": 6, "primrose": 6}),
        ("numbered folds", "top", {"fold1": 4, "fold2": 4, "fold3": 4}),
        ("HAM10000", "folders", {"HAM10000_images_part_1": 6, "HAM10000_images_part_2": 6}),
    ],
)
def test_other_readings_are_offered(name, key, classes):
    images, others, *_ = LAYOUTS[name]
    assert {reading.key: reading.class_counts for reading in read(images, others).readings}[key] == classes


def test_the_synsets_of_imagenet_are_offered_as_words():
    listing = read(grid("imagenette2-160/{s}/{c}/{i}.JPEG", ("n01440764", "n03888257"), 2, s=("train", "val")))
    assert listing.readings[-1].class_counts == {"parachute": 4, "tench": 4}


def test_synsets_are_offered_under_their_words():
    words = "n01440764 tench, Tinca tinca\nn01443537 goldfish, Carassius auratus\nn01484850 great white shark\n"
    listing = read(grid("train/{c}/{i}.JPEG", ("n01440764", "n01443537"), 3), {"LOC_synset_mapping.txt": words})
    assert listing.classes == ("n01440764", "n01443537")
    assert listing.readings[-1].class_counts == {"goldfish": 3, "tench": 3}
