"""Text files that list the images of a split, such as meta/train.txt and meta/test.txt."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from core.datasets.layout.folders.roles import PREDICT, role_of
from core.datasets.layout.listing import TRAIN, VALIDATION, SourceContents
from core.datasets.layout.naming import natural, stem, words_of
from core.datasets.layout.tables.matching import FileIndex
from core.datasets.layout.tables.parsing import TABLE_CAP, lines_of
from core.errors import PlaygroundError

LEAST_SHARE = 0.3  # of the images that lists must name; the others have no split
MOST_USED, MOST_LISTS = 6, 12  # lists of one split, and such as are looked into to say that they are not used
LIST = re.compile(r"[\W_]*(file)?(list|names|files)$", re.IGNORECASE)


@dataclass(frozen=True)
class ListedSplits:
    """Image -> split as lists say; `unused` are lists that name images as well and are not used."""

    split_of: dict[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()


def listed_splits(contents: SourceContents, parts_of: Mapping[str, tuple[str, ...]]) -> ListedSplits:
    """What lists such as train.txt and test.txt say; no splits unless at least two of them share out many images.

    Where no list is for training (`validation_list.txt`, `testing_list.txt`), the images in none are, if they are most.
    A list names one image a line; what follows the name on a line is passed over.
    """
    names = {path: role_of(_without_list(path)) for path in contents.files if path.lower().endswith(".txt")}
    roles = {path: role.split for path, role in names.items() if role and role.is_exact and role.split != PREDICT}
    roles = {path: roles[path] for path in without_joint_splits(roles)}
    if not set(roles.values()) - {TRAIN}:
        return ListedSplits()
    index = FileIndex(parts_of)
    images = {path: _images(contents, path, index) for path in sorted(roles, key=natural)[:MOST_LISTS]}
    lists = {path: own for path, own in images.items() if own}
    if len(lists) < len(images) or len(roles) > MOST_USED:
        return ListedSplits(unused=tuple(lists))
    split_of: dict[str, str] = {}
    for path, own in lists.items():
        for image in own:
            if split_of.setdefault(image, roles[path]) != roles[path]:
                return ListedSplits(unused=tuple(lists))
    if TRAIN not in roles.values() and 0 < len(split_of) < 0.5 * len(parts_of):
        split_of = dict.fromkeys(parts_of, TRAIN) | split_of
    if len(split_of) >= LEAST_SHARE * len(parts_of) and len(set(split_of.values())) > 1:
        return ListedSplits(split_of)
    return ListedSplits(unused=tuple(lists))


def _images(contents: SourceContents, path: str, index: FileIndex) -> list[str]:
    """The images that a list names; none unless nearly all lines name one."""
    try:
        lines = lines_of(contents.files[path].read()) if contents.files[path].size <= TABLE_CAP else []
    except PlaygroundError:
        lines = []
    images = [image for line in lines if (image := index.find(line) or index.find(line.split()[0]))]
    return images if len(images) >= 0.9 * len(lines) else []


def without_joint_splits(paths: Collection[str]) -> list[str]:
    """Paths without those for training and validation together, where there are others for each of the two.

    >>> without_joint_splits(["train.txt", "val.txt", "trainval.txt"])
    ['train.txt', 'val.txt']
    >>> without_joint_splits(["test.txt", "trainval.txt"])
    ['test.txt', 'trainval.txt']
    """
    words = {path: set(words_of(stem(path.rsplit("/", 1)[-1]))) for path in paths}
    joint = {path for path, own in words.items() if "trainval" in own or {"train", "val"} <= own}
    splits = {role.split for path in words if path not in joint and (role := role_of(stem(path.rsplit("/", 1)[-1])))}
    return [path for path in paths if path not in joint or not {TRAIN, VALIDATION} <= splits]


def _without_list(path: str) -> str:
    """A file's name without its suffix and without a last word that says only that it is a list."""
    return LIST.sub("", stem(path.rsplit("/", 1)[-1]))
