"""Built-in sets are what they claim, every file of a source is accounted for, and a split shares nothing."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets import BUILT_IN, ImageDataset, load, needed_bytes
from core.datasets.synthetic import sketch
from core.errors import DataError

SIZE = 32


def some_pictures(labels: list[int], groups: list[int] | None = None) -> ImageDataset:
    count, classes = len(labels), tuple(f"class {label}" for label in range(max(labels) + 1))
    return ImageDataset(
        name="made",
        images=torch.zeros(count, 3, 8, 8, dtype=torch.uint8),
        labels=torch.tensor(labels),
        classes=classes,
        paths=tuple(map(str, range(count))),
        groups=torch.tensor(groups if groups is not None else range(count)),
    )


# --------------------------------------------------------------------------------------------- built in


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_set_is_what_its_entry_says(name):
    entry, limit = BUILT_IN[name], 60
    pictures = load(name, SIZE, limit=limit)
    assert pictures.images.shape == (limit, 3, SIZE, SIZE)
    assert pictures.images.dtype == torch.uint8
    assert pictures.labels.dtype == torch.int64
    assert pictures.classes == entry.classes
    assert min(pictures.class_counts.values()) > 0
    assert pictures.memory_bytes == needed_bytes(limit, SIZE)
    assert len(set(pictures.paths)) == limit
    assert not pictures.refused


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(name):
    first, again, other = (load(name, 16, seed=seed, limit=40) for seed in (3, 3, 4))
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.labels, again.labels)
    assert not torch.equal(first.images, other.images)


def test_the_digits_are_scikit_learn_s():
    from sklearn.datasets import load_digits

    pictures, raw = load("digits", 8), load_digits()
    assert len(pictures) == BUILT_IN["digits"].count == 1797
    assert torch.equal(pictures.labels, torch.from_numpy(raw.target))
    want = torch.from_numpy(raw.images) * 255 / 16
    for channel in range(3):
        assert (pictures.images[:, channel] - want).abs().max() <= 0.5


@pytest.mark.parametrize("place", range(12))
def test_only_the_ears_tell_a_sketched_cat_from_a_dog(place):
    cat, cat_ears = sketch(0, 64, np.random.default_rng(place))
    dog, dog_ears = sketch(1, 64, np.random.default_rng(place))
    differs = np.argwhere((cat.astype(int) != dog).any(axis=2))  # (P, 2): y, x
    assert len(differs) > 20
    rim = 1  # pixel of blur
    inside = np.zeros(len(differs), dtype=bool)
    for x0, y0, x1, y1 in np.concatenate([cat_ears, dog_ears]):
        y, x = differs.T
        inside |= (x >= x0 - 1 - rim) & (x <= x1 + rim) & (y >= y0 - 1 - rim) & (y <= y1 + rim)
    assert inside.all()


def test_the_boxes_of_ears_lie_in_the_picture_and_scale_with_it():
    small, large = load("sketches", 32, limit=50), load("sketches", 64, limit=50)
    assert small.boxes.shape == (50, 2, 4)
    assert small.boxes.min() >= 0
    assert small.boxes.max() <= 32
    width_height = small.boxes[..., 2:] - small.boxes[..., :2]
    assert (width_height.amax(dim=(1, 2)) > 3).all()
    inner = (small.boxes > 0).all(dim=-1) & (small.boxes < 32).all(dim=-1)
    assert inner.sum() > 50
    torch.testing.assert_close(2 * small.boxes[inner], large.boxes[inner], atol=1.5, rtol=0)


def test_a_nearest_neighbour_in_raw_pixels_does_not_see_cats_and_dogs():
    """Not trivial: where the face sits, its colour and the wall weigh more than the ears."""
    pictures = load("sketches", 32, limit=300)
    x = pictures.images.flatten(1).float()
    nearest = torch.cdist(x, x).fill_diagonal_(torch.inf).argmin(dim=1)
    agreement = (pictures.labels[nearest] == pictures.labels).float().mean()
    assert agreement < 0.7


# ------------------------------------------------------------------------------------------------- split


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 3), min_size=8, max_size=80), st.floats(0.05, 0.6), st.integers(0, 99))
def test_a_split_shares_nothing_loses_nothing_and_keeps_the_classes_shares(labels, share, seed):
    labels = [0, 0, 1, 1, 2, 2, 3, 3, *labels]
    pictures = some_pictures(labels)
    train, val = pictures.split(share, seed)
    assert sorted([*train.tolist(), *val.tolist()]) == list(range(len(labels)))
    for label in range(4):
        total, held = labels.count(label), (pictures.labels[val] == label).sum()
        assert held == min(max(1, round(share * total)), total - 1)
    again = pictures.split(share, seed)
    assert torch.equal(train, again[0])
    assert torch.equal(val, again[1])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 12), min_size=6, max_size=60), st.integers(0, 9))
def test_copies_stay_on_one_side_even_across_classes(groups, seed):
    pictures = some_pictures([place % 2 for place in range(len(groups))], groups)
    parts = pictures.split_into((0.6, 0.2, 0.2), seed)
    homes = [set(pictures.groups[part].tolist()) for part in parts]
    assert sum(map(len, homes)) == len(set.union(*homes))
    assert sum(map(len, parts)) == len(groups)


def test_the_split_that_the_tutorials_use():
    train, val = some_pictures([0] * 50 + [1] * 50).split()
    assert (len(train), len(val)) == (80, 20)
    other = some_pictures([0] * 50 + [1] * 50).split(seed=0)[1]
    assert not torch.equal(val, other)


def test_shares_that_do_not_add_up_are_refused():
    with pytest.raises(DataError, match="add up to 1"):
        some_pictures([0, 1]).split_into((0.5, 0.2))


# -------------------------------------------------------------------------------------- the real archive


def test_the_cut_archive_gives_5006_pictures_and_6_refused_with_reasons(pets):
    pictures = pets
    assert len(pictures) == 5006
    assert pictures.class_counts == {"Cat": 2504, "Dog": 2502}
    assert {(refusal.path, refusal.reason) for refusal in pictures.refused} == {
        (f"PetImages/{kind}/{file}", reason)
        for kind in ("Cat", "Dog")
        for file, reason in (("90666.jpg", "empty file"), ("90702.jpg", "truncated"), ("90709.jpg", "a web page"))
    }
    assert all(refusal.class_name in refusal.path and refusal.message for refusal in pictures.refused)
    assert pictures.ignored == ("PetImages/Cat/Thumbs.db", "PetImages/Dog/Thumbs.db", "readme[1].txt")
    train, val = pictures.split()
    assert not set(pictures.groups[train].tolist()) & set(pictures.groups[val].tolist())
