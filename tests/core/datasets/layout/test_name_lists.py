"""Numbers for classes, and a text file with their names, one a line."""

import pytest

from core.datasets import LayoutChoice
from tests.core.datasets.layout.contents import grid, read

IMAGES = grid("images/{i}.jpg", [""], 6)
NAMES = "cat\ndog\ntraffic light\n"


def numbered(first):
    return "".join(f"{i}.jpg {first + i % 3}\n" for i in range(6))


def offered(listing):
    return {reading.key: reading.class_counts for reading in listing.readings}


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("name", ["classes.txt", "meta/class_names.txt", "obj.names"])
def test_the_names_of_a_list_are_offered_and_can_be_taken(first, name):
    tables = {"labels.txt": numbered(first), name: NAMES}
    named = offered(read(IMAGES, tables))["table renamed"]
    assert named == {"cat": 2, "dog": 2, "traffic light": 2}
    taken = read(IMAGES, tables, LayoutChoice(reading="table renamed"))
    assert (taken.class_counts, taken.refusal) == (named, "")
    class_of = {one.path: one.class_name for one in taken.candidates}
    assert [class_of[path] for path in IMAGES[:3]] == ["cat", "dog", "traffic light"]


def test_images_without_a_number_are_to_be_predicted_under_either_name():
    images = [*IMAGES, "images/6.jpg"]
    for reading in ("table", "table renamed"):
        listing = read(images, {"labels.txt": numbered(0), "classes.txt": NAMES}, LayoutChoice(reading=reading))
        assert [one.path for one in listing.unlabelled] == ["images/6.jpg"]


def test_numbered_folders_get_the_names_of_a_list():
    listing = read(grid("{c}/{i}.jpg", ("00", "01"), 3), {"classes.txt": "cat\ndog\n"})
    assert listing.class_counts == {"00": 3, "01": 3}
    assert offered(listing)["renamed"] == {"cat": 3, "dog": 3}


@pytest.mark.parametrize(
    "text",
    ["cat\ndog\n", "cat\ndog\nfox\nhen\n", "cat\ndog\ncat\n", "1\n2\n3\n", "a.jpg 0\nb.jpg 1\nc.jpg 2\n", ""],
)
def test_a_list_that_does_not_fit_names_nothing(text):
    listing = read(IMAGES, {"labels.txt": numbered(0), "classes.txt": text})
    assert listing.class_counts == {"0": 2, "1": 2, "2": 2}
    assert "table renamed" not in offered(listing)
