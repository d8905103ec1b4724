"""Classes and splits in one file name, such as train_cat_0.jpg and test_cat_0.jpg."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.datasets.layout.folders.roles import role_of, without_role
from core.datasets.layout.listing import SPLITS
from core.datasets.layout.naming import same_class


def without_splits(class_of: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Image -> class without its word for a split, and image -> split; both empty unless every name says both.

    There are at least two splits and two classes, and each split has images of every class.

    >>> without_splits({"1.jpg": "train_cat", "2.jpg": "train_dog", "3.jpg": "val_dog", "4.jpg": "val_cat"})[0]
    {'1.jpg': 'cat', '2.jpg': 'dog', '3.jpg': 'dog', '4.jpg': 'cat'}
    """
    parted = _parted(set(class_of.values()))
    classes_in: dict[str, set[str]] = {}
    for split, name in parted.values():
        classes_in.setdefault(split, set()).add(same_class(name))
    kinds = set(map(frozenset, classes_in.values()))
    if len(classes_in) < 2 or len(kinds) > 1 or len(next(iter(kinds))) < 2:
        return {}, {}
    names = {path: parted[name] for path, name in class_of.items()}
    return {path: name for path, (_, name) in names.items()}, {path: split for path, (split, _) in names.items()}


def are_splits_of_one(names: Iterable[str]) -> bool:
    """Whether names differ in their word for a split alone.

    >>> are_splits_of_one(["train_class", "test_class"]), are_splits_of_one(["train_cat", "bus"])
    (True, False)
    """
    parted = _parted(set(names)).values()
    return len({split for split, _ in parted}) > 1 and len({same_class(name) for _, name in parted}) == 1


def _parted(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Name -> its split and what is left of it; empty if one of them says no split, or nothing else."""
    parted: dict[str, tuple[str, str]] = {}
    for name in names:
        role, rest = role_of(name), without_role(name)
        if role is None or role.is_exact or role.split not in SPLITS or rest in ("", name):
            return {}
        parted[name] = (role.split, rest)
    return parted
