"""The classes that tables give to images."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.datasets.layout.listing import SourceContents
from core.datasets.layout.naming import natural, words_of
from core.datasets.layout.tables.columns import ONE_HOT, file_column, label_columns, labels_in, splits_in
from core.datasets.layout.tables.matching import FileIndex, split_of_table
from core.datasets.layout.tables.parsing import SUFFIXES, TABLE_CAP, LabelTable, read_table, with_first_row
from core.errors import PlaygroundError

MOST_TABLES = 20
MOST_OTHERS = 4  # other columns that are offered as classes
LOOSE = ("txt", "json", "jsonl", "ndjson")  # suffixes of much else: dozens of them are no tables
SAMPLES = {"submission", "sample", "example"}  # tables that show what an answer looks like
SEPARATORS = "|;,"
IMAGE = re.compile(r"\.[a-z]{3,4}$", re.IGNORECASE)  # a file name is no name of a class


@dataclass(frozen=True)
class TableLabels:
    """Image -> class and split as tables say; `several` have more than one class. `columns` are files and classes.

    `others` are the columns that could be the classes instead, with image -> class; `stamp` changes with the tables.
    """

    paths: tuple[str, ...]
    columns: tuple[str, str]
    class_of: Mapping[str, str]
    split_of: Mapping[str, str] = field(default_factory=dict)
    several: frozenset[str] = frozenset()
    others: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stamp: str = ""


def tables_of(contents: SourceContents) -> list[LabelTable]:
    """The tables of a source that can be read, those in the outer folders first."""
    suffix_of = {path: path.rpartition(".")[2].lower() for path in contents.files}
    counts = Counter(suffix_of.values())
    paths = [
        path
        for path, suffix in suffix_of.items()
        if suffix in SUFFIXES and not (suffix in LOOSE and counts[suffix] > MOST_TABLES) and _is_visible(path)
    ]
    paths.sort(key=lambda path: (path.count("/"), natural(path)))
    return [table for path in paths[:MOST_TABLES] if (table := _read(contents, path))]


def _is_visible(path: str) -> bool:
    return not any(part.startswith((".", "__MACOSX")) for part in path.split("/"))


def _read(contents: SourceContents, path: str) -> LabelTable | None:
    file = contents.files[path]
    if file.size > TABLE_CAP:
        return None
    try:
        return read_table(path, file.read())
    except PlaygroundError:  # empty, or damaged in the archive
        return None


def table_labels(
    contents: SourceContents,
    tables: Sequence[LabelTable],
    parts_of: Mapping[str, tuple[str, ...]],
    columns: tuple[str, str] | None,
) -> TableLabels | None:
    """The classes of the images by the tables that name most of them; those with the same columns are joined.

    Args: `columns` of files and of classes, if somebody chose them.
    """
    index = FileIndex(parts_of) if tables else None
    read = [labels for table in tables if index and (labels := _labels(table, index, columns))]
    groups: dict[tuple[str, str], list[TableLabels]] = {}
    for labels in read:
        groups.setdefault(labels.columns, []).append(labels)
    joined = [_joined(group, contents) for group in groups.values()]
    return max(joined, key=lambda labels: len(labels.class_of), default=None)


def _labels(table: LabelTable, index: FileIndex, columns: tuple[str, str] | None) -> TableLabels | None:
    if SAMPLES & set(words_of(table.file_name)):
        return None
    files = columns[0] if columns and columns[0] in table.columns else file_column(table, index)
    if files is None:
        return None
    if index.find(files, table.path):  # no header: the first row names a file, too
        files, table = f"column {table.columns.index(files) + 1}", with_first_row(table)
    rows: dict[str, tuple[str, ...]] = {}
    again: list[tuple[str, tuple[str, ...]]] = []
    for path, row in _matches(table, index, files):
        if path in rows:
            again.append((path, row))
        else:
            rows[path] = row
    candidates = label_columns(table, rows, files)
    wanted = columns[1] if columns and columns[1] in (*table.columns, ONE_HOT) else None
    column = wanted or (candidates[0] if candidates else None)
    if column is None:
        return None
    class_of = labels_in(table, rows, column, files)
    more = [labels_in(table, {path: row}, column, files) for path, row in again] if column != ONE_HOT else []
    several = {path for labels in more for path, name in labels.items() if class_of.get(path, name) != name}
    several |= _joint(class_of) | (rows.keys() - class_of.keys() if column == ONE_HOT else set())
    kept = {path: name for path, name in class_of.items() if path not in several}
    others = {name: labels_in(table, rows, name, files) for name in candidates[:MOST_OTHERS] if name != column}
    return TableLabels((table.path,), (files, column), kept, splits_in(table, rows), frozenset(several), others)


def _matches(table: LabelTable, index: FileIndex, files: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    number = table.columns.index(files)
    for row in table.rows:
        if path := index.find(row[number], table.path):
            yield path, row


def _joint(class_of: Mapping[str, str]) -> set[str]:
    """The images whose cell holds several classes, such as cat|dog where cat and dog stand alone elsewhere."""
    kinds = set(class_of.values())
    joint = {
        kind
        for kind in kinds
        for mark in SEPARATORS
        if mark in kind and all(part.strip() in kinds for part in kind.split(mark))
    }
    return {path for path, kind in class_of.items() if kind in joint}


def _joined(group: list[TableLabels], contents: SourceContents) -> TableLabels:
    """Tables with the same columns as one. train.csv and test.csv with classes are splits."""
    class_of = {path: name for labels in reversed(group) for path, name in labels.class_of.items()}
    split_of = {path: split for labels in reversed(group) for path, split in labels.split_of.items()}
    names = {labels.paths[0]: split_of_table(labels.paths[0]) for labels in group}
    if not split_of and len(set(names.values())) > 1:
        split_of = {path: names[labels.paths[0]] for labels in reversed(group) for path in labels.class_of}
    several = frozenset(path for labels in group for path in labels.several)
    paths = tuple(labels.paths[0] for labels in group)
    stamp = " ".join(contents.files[path].stamp for path in paths)
    others = {name: labels for name, labels in group[0].others.items() if len(group) == 1}
    return TableLabels(paths, group[0].columns, class_of, split_of, several, others, stamp)


def class_names_in(tables: Iterable[LabelTable], classes: Iterable[str]) -> tuple[str, dict[str, str]] | None:
    """A table of other names for the classes, such as cat_to_name.json: its path, and class -> name."""
    keys = {_key(name): name for name in classes}
    for table in tables:
        for rows in (*_keyed_columns(table), _keyed_lines(table)):
            named = {keys[key]: cells for key, cells in rows if key in keys}
            if len(named) >= 0.9 * len(keys) and (names := _distinct(named)):
                return table.path, names
    return None


def _keyed_columns(table: LabelTable) -> Iterator[list[tuple[str, tuple[str, ...]]]]:
    """For each column: its cells as keys, with the other cells of the row."""
    rows = (table.columns, *table.rows)
    for number in range(0 if table.is_spaced else len(table.columns)):
        yield [(_key(row[number]), row[:number] + row[number + 1 :]) for row in rows]


def _keyed_lines(table: LabelTable) -> list[tuple[str, tuple[str, ...]]]:
    """The first word of each line as the key, with what follows up to a comma: n01440764 tench, Tinca tinca."""
    lines = (" ".join(row) if table.is_spaced else row[0] for row in (table.columns, *table.rows))
    pairs = (line.split(maxsplit=1) for line in lines)
    return [(_key(pair[0]), (pair[1].split(",")[0].strip(),)) for pair in pairs if len(pair) == 2]


def _distinct(named: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Class -> name from the first column whose cells are words and differ; empty if there is none."""
    for number in range(min(map(len, named.values()))):
        names = {key: cells[number] for key, cells in named.items()}
        are_words = all(any(letter.isalpha() for letter in name) and not IMAGE.search(name) for name in names.values())
        if are_words and len(set(names.values())) == len(names):
            return names
    return {}


def _key(name: str) -> str:
    return name.lstrip("0") or "0" if name.isdecimal() else name.casefold()
