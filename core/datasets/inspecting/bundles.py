"""Which copies a split keeps together: those of a small part of their class, so that the shares can be kept."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.datasets.splitting import TRAIN, copies_of, crossing, is_usable

LARGEST_SHARE = 0.1  # of the images of its class that a group of copies may hold
ALWAYS = 5  # images that it may hold in a smaller class, but at most half of it, rounded up
NAMED = 4  # classes in a sentence

Group = tuple[int, ...]


def without_large_groups(groups: Tensor, labels: Tensor) -> tuple[Tensor, tuple[Group, ...]]:
    """(N,) groups of copies and labels -> the groups that are kept together, and those that are too large for it.

    A group is too large if it holds more than a tenth of a class (in a small class: more than five of its images, or
    than half of them, rounded up): a split could not keep the shares of that class. Each image of it becomes a group
    of its own.
    """
    sizes = torch.bincount(labels).tolist()
    numbers = labels.tolist()
    large = []
    for group in copies_of(groups):
        counts = torch.bincount(labels[group]).tolist()
        if any(counts[label] > _most(sizes[label]) for label in {numbers[index] for index in group}):
            large.append(tuple(group))
    kept = groups.clone()
    for too_many in large:
        kept[list(too_many)] = torch.tensor(too_many)
    return kept, tuple(large)


def _most(size: int) -> int:
    """Copies of one another that a class of `size` images may have in one group."""
    return max(int(LARGEST_SHARE * size), min(ALWAYS, (size + 1) // 2))


def notes_on_groups(large: tuple[Group, ...], labels: Tensor, classes: tuple[str, ...]) -> tuple[str, ...]:
    """A sentence on each class with groups that are too large to be kept together."""
    notes = []
    sizes = torch.bincount(labels, minlength=len(classes)).tolist()
    for label, groups in _by_class(large, labels).items():
        count = max(sum(labels[index] == label for index in group) for group in groups)
        notes.append(
            f"{count:,} of {sizes[label]:,} images of class {classes[label]!r} look the same as one another. "
            "That is too many to keep together: they are split like unrelated images, so validation and test "
            "may hold copies of training images."
        )
    return tuple(notes)


def _by_class(large: tuple[Group, ...], labels: Tensor) -> dict[int, list[Group]]:
    members: dict[int, list[Group]] = {}
    for group in large:
        counts = torch.bincount(labels[list(group)])
        members.setdefault(int(counts.argmax()), []).append(group)
    return members


def note_on_given_split(given: Tensor | None, groups: Tensor) -> tuple[str, ...]:
    """A sentence on copies that lie in several parts of the split that the source gives, if there are any."""
    across = [] if given is None else crossing(given, groups)
    if not across:
        return ()
    how = "1 group of copies has" if len(across) == 1 else f"{len(across):,} groups of copies have"
    return (
        f"{how} images in several parts of the given split, {sum(map(len, across)):,} images in all: accuracy on "
        "validation and test images is overestimated. A split that is drawn anew keeps copies together.",
    )


def note_on_untrained_classes(given: Tensor | None, labels: Tensor, classes: tuple[str, ...]) -> tuple[str, ...]:
    """A sentence on classes of which the split that the source gives has no training image, if there are any."""
    if given is None or not is_usable(given):
        return ()
    counts = torch.bincount(labels[given.clamp_min(TRAIN) == TRAIN], minlength=len(classes)).tolist()
    names = [repr(name) for name, count in zip(classes, counts, strict=True) if not count]
    if not names:
        return ()
    shown = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED:,} more" if len(names) > NAMED else "")
    return (f"The given split has no training image of {shown}: that cannot be learnt. A split drawn anew has some.",)


def note_on_labels(groups: Tensor, labels: Tensor, paths: Sequence[str]) -> tuple[str, ...]:
    """A sentence on copies that carry different labels, if there are any; (N,) groups and labels."""
    across = [group for group in copies_of(groups) if len(labels[group].unique()) > 1]
    if not across:
        return ()
    first = labels[across[0][0]]
    other = next(index for index in across[0] if labels[index] != first)
    what = "1 group of images" if len(across) == 1 else f"{len(across):,} groups of images"
    return (
        f"{what} that look the same {'is' if len(across) == 1 else 'are'} in several classes, such as "
        f"{paths[across[0][0]]} and {paths[other]}: a label may be wrong, or the image may show both.",
    )


def joined(groups: Tensor, large: tuple[Group, ...]) -> Tensor:
    """(N,) groups that are kept together, and those too large for it -> all groups of copies, by their first image."""
    whole = groups.clone()
    for group in large:
        whole[list(group)] = group[0]
    return whole
