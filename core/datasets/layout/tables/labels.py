"""The classes that tables give to images."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.datasets.layout.folders.roles import without_role
from core.datasets.layout.listing import SourceContents
from core.datasets.layout.naming import natural, stem, words_of
from core.datasets.layout.tables.columns import (
    ONE_HOT,
    file_column,
    flag_columns,
    is_named_label,
    label_columns,
    labels_in,
    splits_in,
)
from core.datasets.layout.tables.image_numbers import splits_by_number
from core.datasets.layout.tables.matching import FileIndex
from core.datasets.layout.tables.parsing import (
    LINES_OF_JSON,
    SUFFIXES,
    TABLE_CAP,
    LabelTable,
    read_table,
    with_first_row,
)
from core.datasets.layout.tables.split_lists import without_joint_splits
from core.errors import PlaygroundError
from core.images.signatures import is_system_file

MOST_TABLES = 30
LEAST_SHARE = 0.2  # of the images in the largest table that one with a column called label must name
SAME = 0.5  # of the images that two tables of one set may name differently
MOST_OTHERS = 4  # other columns that are offered as classes
LOOSE = ("txt", "json", *LINES_OF_JSON)  # suffixes of much else
MOST_LOOSE = 20  # of them in one folder, beside those named like an image; more are no tables
OBJECTS = "ImageSets"  # the folder of Pascal VOC whose lists say which images hold an object, marked 1 and -1
SAMPLES = {"submission", "sample", "example"}  # tables that show what an answer looks like
SEPARATORS = "|;, "


@dataclass(frozen=True)
class TableLabels:
    """Image -> class and split as tables say; `several` have more than one class. `columns` are files and classes.

    `others` are the columns that could be the classes instead, with image -> class; `flags` are columns that say yes or
    no each, if the classes are from one of several. `missing` are names in the tables that mean no image, or several.
    `other_tables` give other classes under the same columns: what such a table is about, and image -> class. One that
    gives splits alone has no class. `stamp` changes with the tables.
    """

    paths: tuple[str, ...]
    columns: tuple[str, str]
    class_of: Mapping[str, str]
    split_of: Mapping[str, str] = field(default_factory=dict)
    several: frozenset[str] = frozenset()
    others: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    other_tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    stamp: str = ""


def tables_of(contents: SourceContents) -> list[LabelTable]:
    """The tables of a source that can be read, those in the outer folders first."""
    suffix_of = {path: path.rpartition(".")[2].lower() for path in contents.files}
    suffix_of = {path: suffix for path, suffix in suffix_of.items() if suffix in SUFFIXES and not is_system_file(path)}
    images = {_stem(path) for path in contents.files if path not in suffix_of}
    suffix_of = {path: suffix for path, suffix in suffix_of.items() if suffix not in LOOSE or _stem(path) not in images}
    counts = Counter(path.rpartition("/")[0] for path, suffix in suffix_of.items() if suffix in LOOSE)
    paths = [
        path
        for path, suffix in suffix_of.items()
        if (suffix not in LOOSE or counts[path.rpartition("/")[0]] <= MOST_LOOSE) and OBJECTS not in path.split("/")
    ]
    paths.sort(key=lambda path: (path.count("/"), natural(path)))
    return [table for path in paths[:MOST_TABLES] if (table := _read(contents, path))]


def _stem(path: str) -> str:
    return stem(path.rsplit("/", 1)[-1])


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
) -> list[TableLabels]:
    """The classes of the images by tables; those with the same columns are joined.

    A column that is called label, class or the like comes first, then the tables that name most images.
    Args: `columns` of files and of classes, if somebody chose them.
    """
    index = FileIndex(parts_of) if tables else None
    read = [labels for table in tables if index and (labels := _labels(table, index, columns))]
    joined = [_joined(group, contents, index) for group in _groups(read) if index]
    most = max((len(labels.class_of) for labels in joined), default=0)
    named = {
        labels.columns: is_named_label(labels.columns[1]) and len(labels.class_of) >= LEAST_SHARE * most
        for labels in joined
    }
    joined.sort(key=lambda labels: (not named[labels.columns], -len(labels.class_of)))
    others = {_subject(labels): labels.class_of for labels in joined[1:] if labels.columns == joined[0].columns}
    first = [dataclasses.replace(joined[0], other_tables=others)] if others else joined[:1]
    path, split_of = splits_by_number(tables, index) if index else ("", {})
    numbered = [TableLabels((path,), ("", ""), {}, split_of)] if split_of else []
    return [*first, *joined[1:], *(labels for labels in read if not labels.class_of), *numbered]


def _groups(read: Sequence[TableLabels]) -> Iterator[list[TableLabels]]:
    """Tables with the same columns; apart where their names differ in more than a split and their classes disagree."""
    by_columns: dict[tuple[str, str], list[TableLabels]] = {}
    for labels in (labels for labels in read if labels.class_of):
        by_columns.setdefault(labels.columns, []).append(labels)
    for group in by_columns.values():
        paths = without_joint_splits([labels.paths[0] for labels in group])
        separate = [labels for labels in group if labels.paths[0] in paths]
        by_name: dict[str, list[TableLabels]] = {}
        for labels in separate:
            by_name.setdefault(_subject(labels), []).append(labels)
        classes: dict[str, set[str]] = {}
        for own in by_name.values():
            for path, name in {path: name for labels in own for path, name in labels.class_of.items()}.items():
                classes.setdefault(path, set()).add(name)
        disagree = sum(len(names) > 1 for names in classes.values()) > SAME * len(classes)
        yield from by_name.values() if disagree else [separate]


def _subject(labels: TableLabels) -> str:
    """What a table is about, by its name without a split: images_family of images_family_train.txt."""
    return re.sub(r"[\W\d_]+$", "", without_role(_stem(labels.paths[0]))).lower()


def _labels(table: LabelTable, index: FileIndex, columns: tuple[str, str] | None) -> TableLabels | None:
    if SAMPLES & set(words_of(table.file_name)):
        return None
    if columns and columns[0].startswith("column ") and columns[0] not in table.columns:
        table = with_first_row(table)
    files = columns[0] if columns and columns[0] in table.columns else file_column(table, index)
    if files is None:
        return None
    if index.find(files, table.path):  # no header: the first row names a file, too
        files, table = f"column {table.columns.index(files) + 1}", with_first_row(table)
    rows: dict[str, tuple[str, ...]] = {}
    again: list[tuple[str, tuple[str, ...]]] = []
    missing: list[str] = []
    for name, path, row in _matches(table, index, files):
        if path is None:
            missing.append(name)
        elif path in rows:
            again.append((path, row))
        else:
            rows[path] = row
    candidates = label_columns(table, rows, files)
    wanted = columns[1] if columns and columns[1] in (*table.columns, ONE_HOT) else None
    column = wanted or (candidates[0] if candidates else None)
    if column is None:
        splits = splits_in(table, rows)
        return TableLabels((table.path,), (files, ""), {}, splits) if splits else None
    class_of = labels_in(table, rows, column, files)
    more = labels_in(table, {str(number): row for number, (_, row) in enumerate(again)}, column, files)
    repeated = [(again[int(number)][0], name) for number, name in more.items()]
    several = {path for path, name in repeated if class_of.get(path, name) != name}
    several |= _joint(class_of) | (rows.keys() - class_of.keys() if column == ONE_HOT else set())
    kept = {path: name for path, name in class_of.items() if path not in several}
    others = {name: labels_in(table, rows, name, files) for name in candidates[:MOST_OTHERS] if name != column}
    flags = flag_columns(table, files)
    return TableLabels(
        paths=(table.path,),
        columns=(files, column),
        class_of=kept,
        split_of=splits_in(table, rows),
        several=frozenset(several),
        others=others,
        flags=flags if column in flags and len(flags) > 1 else (),
        missing=tuple(missing),
    )


def _matches(table: LabelTable, index: FileIndex, files: str) -> Iterator[tuple[str, str | None, tuple[str, ...]]]:
    """For each row the name of a file in it, and the image of that name; None if there is none, or several."""
    number = table.columns.index(files)
    return ((row[number], index.find(row[number], table.path), row) for row in table.rows if row[number])


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


def _joined(group: list[TableLabels], contents: SourceContents, index: FileIndex) -> TableLabels:
    """Tables with the same columns as one. train.csv and test.csv with classes are splits."""
    class_of = {path: name for labels in reversed(group) for path, name in labels.class_of.items()}
    split_of = {path: split for labels in reversed(group) for path, split in labels.split_of.items()}
    names = {labels.paths[0]: index.split_of_table(labels.paths[0]) for labels in group}
    if not split_of and len(set(names.values())) > 1:
        split_of = {path: names[labels.paths[0]] for labels in reversed(group) for path in labels.class_of}
    several = frozenset(path for labels in group for path in labels.several)
    paths = tuple(labels.paths[0] for labels in group)
    stamp = " ".join(contents.files[path].stamp for path in paths)
    shared = [name for name in group[0].others if all(name in labels.others for labels in group)]
    others = {
        name: {path: kind for labels in reversed(group) for path, kind in labels.others[name].items()}
        for name in shared
    }
    flags = next((labels.flags for labels in group if labels.flags), ())
    missing = tuple(name for labels in group for name in labels.missing)
    return TableLabels(
        paths, group[0].columns, class_of, split_of, several, others, flags, missing=missing, stamp=stamp
    )
