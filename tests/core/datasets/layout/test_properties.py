"""Whatever the paths are: the order of files and the folder around them do not matter, and no file is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets import LayoutChoice
from core.datasets.layout import interpret
from tests.core.datasets.layout.contents import contents, grid, read
from tests.core.datasets.layout.published_folders import BY_FOLDERS
from tests.core.datasets.layout.published_labels import BY_LABELS

LAYOUTS = BY_FOLDERS | BY_LABELS
FOLDERS = ("train", "val", "test", "images", "masks", "cat", "Cat", "dog", "part_1", "part_2", "test1", "x")
NAMES = ("1.jpg", "cat.0.jpg", "dog (1).png", "IMG_2.jpg", "1_mask.png", "labels.csv", "notes.txt", "0_1.jpg", "a.mat")
PATHS = st.lists(st.sampled_from(FOLDERS), max_size=4).flatmap(
    lambda folders: st.sampled_from(NAMES).map(lambda name: "/".join([*folders, name]))
)


def summary(listing):
    """All that a listing says, but for how to read the files."""
    candidates = [(one.path, one.class_name, one.split) for one in listing.candidates]
    unlabelled = [one.path for one in listing.unlabelled]
    rest = (listing.left_out, listing.notes, listing.reading, listing.readings, listing.refusal, listing.empty)
    return candidates, unlabelled, rest


@settings(deadline=None, max_examples=150)
@given(st.lists(PATHS, unique=True, max_size=25), st.randoms(use_true_random=False))
def test_any_paths_are_read_in_the_same_way_in_any_order_and_none_is_lost(paths, random):
    listing = read(paths)
    shuffled = list(paths)
    random.shuffle(shuffled)
    assert summary(read(shuffled)) == summary(listing)
    parts = [[one.path for one in listing.candidates], [one.path for one in listing.unlabelled], list(listing.left_out)]
    assert sorted(path for part in parts for path in part) == sorted(paths)
    assert bool(listing.refusal) == (len(listing.classes) < 2)


@pytest.mark.parametrize("name", LAYOUTS)
@settings(deadline=None, max_examples=5)
@given(st.data())
def test_the_order_of_files_does_not_matter(name, data):
    images, others, *_ = LAYOUTS[name]
    whole = contents(images, others)
    order = data.draw(st.permutations(list(whole.files)))
    shuffled = type(whole)(whole.name, {path: whole.files[path] for path in order})
    assert summary(interpret(shuffled)) == summary(interpret(whole))


@pytest.mark.parametrize("wrapper", ["my pictures (1)", "train", "test", "images", "masks", "part_1", "a/b"])
@pytest.mark.parametrize("name", LAYOUTS)
def test_a_folder_around_everything_does_not_matter(name, wrapper):
    images, others, *_ = LAYOUTS[name]
    plain = read(images, others)
    inside = {f"{wrapper}/{path}": text for path, text in others.items()}
    wrapped = read([f"{wrapper}/{path}" for path in images], inside)
    assert wrapped.class_counts == plain.class_counts
    assert wrapped.split_counts == plain.split_counts
    assert len(wrapped.unlabelled) == len(plain.unlabelled)
    assert wrapped.reading == plain.reading


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from(("cat", "dog", "fox")), unique=True), st.lists(st.sampled_from(("cat", "fox", "elk"))))
def test_classes_can_be_left_out_and_come_back(dropped, only):
    images = grid("{s}/{c}/{i}.jpg", ("cat", "dog", "fox"), 2, s=("train", "val"))
    listing = read(images, choice=LayoutChoice(dropped=tuple(dropped), only=tuple(only)))
    kept = [name for name in ("cat", "dog", "fox") if name not in dropped and (not only or name in only)]
    assert listing.class_counts == dict.fromkeys(kept, 4)
    assert list(listing.left_out.values()) == ["class left out by choice"] * 4 * (3 - len(kept))
    assert bool(listing.refusal) == (len(kept) < 2)
    assert listing.readings[0].class_counts == dict.fromkeys(("cat", "dog", "fox"), 4)
