"""Tables that give classes other names: words for synsets, names for numbers."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from core.datasets.layout.naming import without_zeros
from core.datasets.layout.tables.parsing import LabelTable

SYNSET = re.compile(r"n\d{8}")
IMAGE = re.compile(r"\.[a-z]{3,4}$", re.IGNORECASE)  # a file name is no name of a class


def class_names_in(tables: Iterable[LabelTable], classes: Iterable[str]) -> tuple[str, dict[str, str]] | None:
    """Other names for the classes, from a table such as cat_to_name.json or from WordNet: where from, class -> name."""
    classes = list(classes)
    if all(map(SYNSET.fullmatch, classes)) and _synsets().keys() >= set(classes):
        return "WordNet", {name: _synsets()[name] for name in classes}
    keys = {_key(name): name for name in classes}
    for table in tables:
        for rows in (*_keyed_columns(table), _keyed_lines(table)):
            matches = [(keys[key], cells) for key, cells in rows if key in keys]
            named = dict(matches)
            is_list = len(named) == len(matches) >= 0.9 * len(keys)  # one row a class, unlike a table of files
            if is_list and (names := _distinct(named)):
                return table.path, names
    return None


@functools.cache
def _synsets() -> dict[str, str]:
    """The thousand synsets of ImageNet with the first word of each."""
    lines = Path(__file__).with_name("imagenet_synsets.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(" ", 1) for line in lines if not line.startswith("#"))
    return {pair[0]: pair[1] for pair in pairs}


def imagenet_names() -> tuple[str, ...]:
    """The thousand classes of ImageNet-1k in the order of a network's outputs: that of their synsets' numbers.

    >>> imagenet_names()[281], len(imagenet_names())
    ('tabby', 1000)
    """
    return tuple(name for _, name in sorted(_synsets().items()))


def _keyed_columns(table: LabelTable) -> Iterator[list[tuple[str, tuple[str, ...]]]]:
    """For each column: its cells as keys, with the other cells of the row."""
    rows = table.all_rows
    for number in range(0 if table.is_spaced else len(table.columns)):
        yield [(_key(row[number]), row[:number] + row[number + 1 :]) for row in rows]


def _keyed_lines(table: LabelTable) -> list[tuple[str, tuple[str, ...]]]:
    """The first word of each line as the key, with what follows up to a comma: n01440764 tench, Tinca tinca."""
    lines = (" ".join(row) if table.is_spaced else row[0] for row in table.all_rows)
    pairs = (line.split(maxsplit=1) for line in lines)
    return [(_key(pair[0]), (pair[1].split(",")[0].strip(),)) for pair in pairs if len(pair) == 2]


def _distinct(named: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Class -> name from the first column whose cells are words and differ; empty if there is none."""
    for number in range(min(map(len, named.values()))):
        whole = {key: cells[number] for key, cells in named.items()}
        first = {key: name.split(",")[0].strip() for key, name in whole.items()}  # of several words for one thing
        names = first if len(set(first.values())) == len(first) else whole
        are_words = all(any(letter.isalpha() for letter in name) and not IMAGE.search(name) for name in names.values())
        if are_words and len(set(names.values())) == len(names):
            return names
    return {}


def _key(name: str) -> str:
    return without_zeros(name) if name.isdecimal() else name.casefold()
