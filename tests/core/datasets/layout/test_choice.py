"""A choice travels as a short text, and a text that says nonsense is the default."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.datasets import LayoutChoice
from core.datasets.layout.choice import parts_passed_over
from tests.core.datasets.layout.contents import grid, read

WORDS = st.text(min_size=1, max_size=12)
CHOICES = st.builds(
    LayoutChoice,
    reading=st.sampled_from(("auto", "leaf", "table age", "names")) | WORDS,
    columns=st.none() | st.tuples(WORDS, WORDS),
    dropped=st.lists(WORDS, max_size=3).map(tuple),
    only=st.lists(WORDS, max_size=3).map(tuple),
    split=st.sampled_from(("given", "redraw")),
)


@given(CHOICES)
def test_a_choice_comes_back_from_its_text(choice):
    assert LayoutChoice.parse(str(choice)) == choice
    assert parts_passed_over(str(choice)) == []


@given(st.text())
def test_any_text_is_some_choice(text):
    assert LayoutChoice.parse(LayoutChoice.parse(text).__str__()) == LayoutChoice.parse(text)


@pytest.mark.parametrize("text", ["", "x", "split=maybe", "columns=id", "colour=red;;=;reading="])
def test_a_text_that_says_nothing_is_the_default(text):
    assert LayoutChoice.parse(text) == LayoutChoice()


def test_a_reading_that_is_not_possible_here_is_passed_over_with_a_note():
    images = grid("{c}/{i}.jpg", ("cat", "dog"), 3)
    listing = read(images, choice=LayoutChoice(reading="table"))
    assert listing.class_counts == {"cat": 3, "dog": 3}
    assert listing.notes == ("The reading 'table' is not possible here and was passed over.",)


def test_a_class_that_is_not_there_is_named():
    images = grid("{c}/{i}.jpg", ("cat", "dog", "fox"), 3)
    listing = read(images, choice=LayoutChoice(dropped=("Fox", "wolfe")))
    assert listing.class_counts == {"cat": 3, "dog": 3}
    assert listing.notes == ("No class is called 'wolfe': it was passed over.",)


def test_a_class_with_folders_named_like_the_classes_is_named():
    images = [*grid("{c}/{i}.jpg", ("cat", "dog"), 3), *grid("old/{c}/{i}.jpg", ("cat", "dog"), 3), "old/9.jpg"]
    (note,) = read(images).notes
    assert note.startswith("The folder 'old' holds folders named like the classes, 'cat' and 'dog'")
    assert read(images, choice=LayoutChoice(dropped=("old",))).class_counts == {"cat": 3, "dog": 3}


def test_copies_of_a_set_within_it_are_left_out_and_can_be_asked_for():
    images = grid("{c}/{i}.jpg", ("cat", "dog"), 3) + grid("old/{c}/{i}.jpg", ("cat", "dog"), 3) + ["old/cat/9.jpg"]
    listing = read(images)
    assert listing.class_counts == {"cat": 4, "dog": 3}
    assert set(listing.left_out) == set(grid("old/{c}/{i}.jpg", ("cat", "dog"), 3))
    assert "once more" in listing.notes[0]
    for reading in listing.readings:
        assert read(images, choice=LayoutChoice(reading=reading.key)).class_counts == reading.class_counts


def test_redrawing_joins_the_splits():
    images = grid("{s}/{c}/{i}.jpg", ("cat", "dog"), 3, s=("train", "val"))
    assert read(images).split_counts == {"train": {"cat": 3, "dog": 3}, "validation": {"cat": 3, "dog": 3}}
    redrawn = read(images, choice=LayoutChoice(split="redraw"))
    assert (redrawn.split_counts, redrawn.class_counts) == ({}, {"cat": 6, "dog": 6})
