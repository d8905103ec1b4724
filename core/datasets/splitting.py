"""Dividing images into training, validation and test: at random by class, or as the source of the images says."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

TRAIN, VALIDATION, TEST = range(3)  # in a split that the source gives; -1 where it says nothing


def stratified_split(
    labels: Tensor, groups: Tensor, shares: tuple[float, ...], seed: int, exact: bool = False
) -> tuple[Tensor, ...]:
    """Indices of the parts, each sorted: each class divided by `shares`, images of one group in one part.

    A group with copies in several classes belongs to the class of its first image. Without `exact` the last group of
    a part may exceed the part's share; with it another group is taken, as long as one fits.
    """
    generator = torch.Generator().manual_seed(seed)
    numbers = labels.tolist()
    by_class: dict[int, list[list[int]]] = {label: [] for label in range(max(numbers, default=-1) + 1)}
    for indices in by_number(groups):
        by_class[numbers[indices[0]]].append(indices)
    parts: list[list[int]] = [[] for _ in shares]
    for copies in by_class.values():
        order = torch.randperm(len(copies), generator=generator).tolist()
        _distribute([copies[number] for number in order], shares, parts, exact)
    return tuple(torch.tensor(sorted(part), dtype=torch.int64) for part in parts)


def _distribute(groups: list[list[int]], shares: tuple[float, ...], parts: list[list[int]], exact: bool) -> None:
    """Fill the later parts to their share of one class, each with at least one group if it can be spared."""
    total = sum(len(group) for group in groups)
    rest = list(groups)
    for part, share in list(zip(parts, shares, strict=True))[:0:-1]:
        target, size = (max(1, round(share * total)) if share else 0), 0
        while size < target and len(rest) > 1:
            group = rest.pop(_fitting(rest, target - size) if exact else -1)
            part += group
            size += len(group)
    parts[0] += [index for group in rest for index in group]


def _fitting(groups: list[list[int]], room: int) -> int:
    """The place of the last group with at most `room` images; of the smallest one if there is none."""
    places = range(len(groups) - 1, -1, -1)
    return next((place for place in places if len(groups[place]) <= room), min(places, key=lambda p: len(groups[p])))


def split_as_given(
    given: Tensor, labels: Tensor, groups: Tensor, shares: tuple[float, ...], seed: int
) -> tuple[Tensor, ...]:
    """Indices of the parts, each sorted, where the source says which images are for what.

    Validation and test images are as `given`, int64 (N,). A part that the source lacks is drawn from the training
    images by its share, stratified as ever; one that is not among `shares` stays unused.
    """
    pool = torch.nonzero((given != VALIDATION) & (given != TEST)).flatten()
    own = [torch.nonzero(given == part).flatten() for part in range(len(shares))]
    wanted = [0.0 if len(part) else share for part, share in zip(own[1:], shares[1:], strict=True)]
    drawn = stratified_split(labels[pool], groups[pool], (1 - sum(wanted), *wanted), seed, exact=True)
    later = [part if len(part) else pool[draw] for part, draw in zip(own[1:], drawn[1:], strict=True)]
    return pool[drawn[0]], *later


def is_usable(given: Tensor) -> bool:
    """Whether a given split has images to train on, and others."""
    return 0 < int(((given == VALIDATION) | (given == TEST)).sum()) < len(given)


def crossing(given: Tensor, groups: Tensor) -> list[list[int]]:
    """Groups of copies with images in several parts of the `given` split, where it counts -1 as training."""
    parts = given.clamp_min(TRAIN).tolist()
    return [indices for indices in by_number(groups) if len({parts[index] for index in indices}) > 1]


def by_number(numbers: Tensor) -> list[list[int]]:
    """(N,) numbers -> the indices that share one, in order, for each."""
    members: dict[int, list[int]] = {}
    for index, number in enumerate(numbers.tolist()):
        members.setdefault(number, []).append(index)
    return list(members.values())


def copies_of(groups: Tensor) -> Iterator[list[int]]:
    """(N,) groups -> the indices of each group of two or more."""
    return (indices for indices in by_number(groups) if len(indices) > 1)
