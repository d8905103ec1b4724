"""Text files that list the names of the classes, one a line, where the classes are numbers: classes.txt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.datasets.layout.listing import SourceContents
from core.datasets.layout.naming import natural, words_of
from core.datasets.layout.tables.parsing import lines_of
from core.errors import PlaygroundError
from core.images.signatures import is_system_file

LIST_CAP = 200_000  # bytes
MOST_LISTS = 5
SUFFIXES = (".txt", ".names")
CALLED = {"class", "classes", "classnames", "names", "label", "labels", "labelmap", "categories", "species", "obj"}
FILE_OR_NUMBER = re.compile(r"\.[A-Za-z]{3,4}(\s|$)|\s\d+$")  # a line of a table of files, or cat 0


@dataclass(frozen=True)
class NameList:
    """The lines of a file at `path`, each a name that has letters and differs from the others."""

    path: str
    names: tuple[str, ...]


def name_lists_of(contents: SourceContents) -> tuple[NameList, ...]:
    """The lists of a source whose file is called like one, those in the outer folders first."""
    paths = [path for path in contents.files if path.lower().endswith(SUFFIXES) and _is_called_so(path)]
    paths = [path for path in paths if contents.files[path].size <= LIST_CAP]
    paths.sort(key=lambda path: (path.count("/"), natural(path)))
    lists = [NameList(path, tuple(_lines(contents, path))) for path in paths[:MOST_LISTS]]
    return tuple(one for one in lists if _are_names(one.names))


def listed_names(lists: Iterable[NameList], classes: Sequence[str]) -> tuple[str, dict[str, str]] | None:
    """Names for classes that are numbers, by their lines: where from, class -> name; None if no list fits.

    Numbers begin at 0 or at 1; which of the two is plain only where the first or the last line is used, and only a
    list as long as the numbers go fits.
    """
    if not all(name.isdecimal() for name in classes):
        return None
    numbers = {name: int(name) for name in classes}
    low, high = min(numbers.values()), max(numbers.values())
    for one in lists:
        first = {(0, len(one.names) - 1): 0, (1, len(one.names)): 1}.get((low, high))
        if first is not None:
            return one.path, {name: one.names[number - first] for name, number in numbers.items()}
    return None


def _is_called_so(path: str) -> bool:
    name = path.rsplit("/", 1)[-1].rpartition(".")[0]
    return not is_system_file(path) and bool(CALLED.intersection(words_of(name)))


def _lines(contents: SourceContents, path: str) -> list[str]:
    try:
        return lines_of(contents.files[path].read())
    except PlaygroundError:
        return []


def _are_names(lines: Sequence[str]) -> bool:
    are_words = all(any(letter.isalpha() for letter in line) for line in lines)
    return 2 <= len(lines) == len(set(lines)) and are_words and not all(map(FILE_OR_NUMBER.search, lines))
