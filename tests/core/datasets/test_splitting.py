"""A split keeps its shares whatever copies there are, and one that the source gives is used as given."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets import ImageDataset
from core.datasets.splitting import stratified_split

TRAIN, VALIDATION, TEST, UNSAID = 0, 1, 2, -1


def dataset(labels: list[int], groups: list[int] | None = None, parts: list[int] | None = None) -> ImageDataset:
    count = len(labels)
    return ImageDataset(
        name="made",
        images=torch.zeros(count, 3, 8, 8, dtype=torch.uint8),
        labels=torch.tensor(labels),
        classes=tuple(map(str, range(max(labels) + 1))),
        paths=tuple(map(str, range(count))),
        groups=torch.tensor(groups if groups is not None else range(count)),
        given_split=None if parts is None else torch.tensor(parts),
        exact_shares=True,
    )


@settings(deadline=None, max_examples=80)
@given(st.lists(st.integers(2, 5), max_size=12), st.integers(0, 99), st.sampled_from([(0.8, 0.2), (0.7, 0.2, 0.1)]))
def test_groups_do_not_move_the_shares(sizes, seed, shares):
    """As long as there are enough single images to make up for them."""
    groups = [number for number, size in enumerate(sizes) for _ in range(size)]
    groups += range(100, 160)
    labels = torch.zeros(len(groups), dtype=torch.int64)
    parts = stratified_split(labels, torch.tensor(groups), shares, seed, exact=True)
    assert [len(part) for part in parts[1:]] == [round(share * len(groups)) for share in shares[1:]]
    homes = [{groups[index] for index in part.tolist()} for part in parts]
    assert sum(map(len, homes)) == len(set().union(*homes))
    assert sorted(torch.cat(parts).tolist()) == list(range(len(groups)))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 3), min_size=8, max_size=60), st.integers(0, 9))
def test_without_groups_the_exact_split_is_the_one_of_earlier_versions(labels, seed):
    numbers, alone = torch.tensor(labels), torch.arange(len(labels))
    then, now = (stratified_split(numbers, alone, (0.7, 0.2, 0.1), seed, exact) for exact in (False, True))
    assert all(torch.equal(a, b) for a, b in zip(then, now, strict=True))


def test_a_set_decoded_by_an_earlier_version_keeps_its_split():
    """Whose last group could exceed the share: a run that is resumed must see the same images."""
    groups = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, *range(3, 11)])
    labels = torch.zeros(20, dtype=torch.int64)
    over = [seed for seed in range(20) if len(stratified_split(labels, groups, (0.8, 0.2), seed)[1]) > 4]
    assert over
    assert all(len(stratified_split(labels, groups, (0.8, 0.2), seed, exact=True)[1]) == 4 for seed in over)


# ------------------------------------------------------------------------------------------------- given


LABELS = [0, 1] * 20
PARTS = [TRAIN] * 24 + [VALIDATION] * 8 + [TEST] * 8


def parts_of(data: ImageDataset, shares: tuple[float, ...], seed: int = 0) -> list[list[int]]:
    return [part.tolist() for part in data.split_into(shares, seed)]


@pytest.mark.parametrize("shares", [(0.7, 0.2, 0.1), (0.5, 0.5, 0.0), (0.9, 0.0, 0.1)])
def test_three_given_parts_are_used_as_they_are(shares):
    data = dataset(LABELS, parts=PARTS)
    assert parts_of(data, shares) == [list(range(24)), list(range(24, 32)), list(range(32, 40))]
    assert parts_of(data, shares) == parts_of(data, shares, seed=5)


def test_two_parts_leave_the_given_test_images_alone():
    train, val = dataset(LABELS, parts=PARTS).split(0.2)
    assert train.tolist() == list(range(24))
    assert val.tolist() == list(range(24, 32))


def test_what_is_not_given_is_drawn_from_the_training_images():
    only_val = [TRAIN] * 30 + [VALIDATION] * 10
    train, val, test = parts_of(dataset(LABELS, parts=only_val), (0.7, 0.2, 0.1))
    assert val == list(range(30, 40))
    assert len(test) == 4  # a tenth of 15 images, rounded, of each class
    assert sorted(train + test) == list(range(30))
    train, val, test = parts_of(dataset(LABELS, parts=[TRAIN] * 30 + [TEST] * 10), (0.8, 0.2, 0.0))
    assert test == list(range(30, 40))
    assert (len(val), sorted(train + val)) == (6, list(range(30)))
    assert parts_of(dataset(LABELS, parts=only_val), (0.8, 0.2, 0.0))[2] == []


def test_images_of_which_nothing_is_said_are_for_training():
    train, _ = dataset(LABELS, parts=[UNSAID] * 10 + PARTS[10:]).split()
    assert train.tolist() == list(range(24))


def test_a_split_drawn_anew_has_nothing_to_do_with_the_given_one():
    data = dataset(LABELS, parts=PARTS)
    redrawn = parts_of(data.redrawn(), (0.8, 0.2))
    assert redrawn == parts_of(dataset(LABELS), (0.8, 0.2))
    assert redrawn != parts_of(data, (0.8, 0.2))


@pytest.mark.parametrize("parts", [[TRAIN] * 40, [VALIDATION] * 40, [TEST] * 40, [UNSAID] * 40])
def test_a_single_given_part_is_no_split(parts):
    assert parts_of(dataset(LABELS, parts=parts), (0.8, 0.2)) == parts_of(dataset(LABELS), (0.8, 0.2))


def test_copies_are_kept_together_among_what_is_drawn():
    groups = [number // 3 for number in range(40)]
    train, val, _ = parts_of(dataset(LABELS, groups, [TRAIN] * 30 + [TEST] * 10), (0.7, 0.3, 0.0))
    assert not {groups[index] for index in train} & {groups[index] for index in val}
