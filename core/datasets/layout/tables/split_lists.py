"""Text files that list the images of a split, such as meta/train.txt and meta/test.txt."""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.datasets.layout.folders.roles import PREDICT, role_of
from core.datasets.layout.listing import TRAIN, SourceContents
from core.datasets.layout.naming import natural, stem
from core.datasets.layout.tables.matching import FileIndex
from core.datasets.layout.tables.parsing import TABLE_CAP, lines_of
from core.errors import PlaygroundError

LIST = re.compile(r"[\W_]*(file)?(list|names|files)$", re.IGNORECASE)


def listed_splits(
    contents: SourceContents, parts_of: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[str, ...], dict[str, str]]:
    """The files that list splits, and image -> split; nothing unless at least two lists share out most of the images.

    Where no list is for training (`validation_list.txt`, `testing_list.txt`), the images in none are, if they are most.
    A list names one image a line; what follows the name on a line is passed over.
    """
    names = {path: role_of(_without_list(path)) for path in contents.files if path.lower().endswith(".txt")}
    roles = {path: role.split for path, role in names.items() if role and role.is_exact and role.split != PREDICT}
    splits = set(roles.values())
    if not splits or splits == {TRAIN} or len(roles) > 6:
        return (), {}
    index, split_of = FileIndex(parts_of), dict[str, str]()
    for path in sorted(roles, key=natural):
        try:
            lines = lines_of(contents.files[path].read()) if contents.files[path].size <= TABLE_CAP else []
        except PlaygroundError:
            lines = []
        images = [index.find(line) or index.find(line.split()[0]) for line in lines]
        if sum(map(bool, images)) < 0.9 * len(images):
            return (), {}
        for image in filter(None, images):
            if split_of.setdefault(image, roles[path]) != roles[path]:
                return (), {}
    if TRAIN not in splits and 0 < len(split_of) < 0.5 * len(parts_of):
        split_of = dict.fromkeys(parts_of, TRAIN) | split_of
    is_whole = len(split_of) >= 0.9 * len(parts_of) and len(set(split_of.values())) > 1
    return (tuple(sorted(roles, key=natural)), split_of) if is_whole else ((), {})


def _without_list(path: str) -> str:
    """A file's name without its suffix and without a last word that says only that it is a list."""
    return LIST.sub("", stem(path.rsplit("/", 1)[-1]))
