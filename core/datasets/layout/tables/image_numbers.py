"""Splits by the number of an image: images.txt numbers the files, train_test_split.txt says of each number 0 or 1."""

from __future__ import annotations

from collections.abc import Sequence

from core.datasets.layout.folders.roles import SPLIT_OF
from core.datasets.layout.listing import TEST, TRAIN
from core.datasets.layout.naming import words_of
from core.datasets.layout.tables.columns import file_column
from core.datasets.layout.tables.matching import FileIndex
from core.datasets.layout.tables.parsing import LabelTable, with_first_row

SPLIT_OF_FLAG = {"1": TRAIN, "0": TEST}  # as in CUB-200 and NABirds
LEAST_SHARE = 0.9  # of the numbers in such a table that are those of images


def splits_by_number(tables: Sequence[LabelTable], index: FileIndex) -> tuple[str, dict[str, str]]:
    """The path of a table that says train or test of each number, and image -> split; both empty if there is none."""
    flags = [(table, rows) for table in tables if (rows := _flags(table))]
    for table, split_of_number in flags:
        for other in tables:
            numbers = _numbered_images(other, index) if other is not table else {}
            split_of = {path: split_of_number[number] for number, path in numbers.items() if number in split_of_number}
            if len(split_of) >= LEAST_SHARE * len(split_of_number) and len(set(split_of.values())) > 1:
                return table.path, split_of
    return "", {}


def _flags(table: LabelTable) -> dict[str, str]:
    """Number -> split, if the name of the table speaks of train and test and its cells are 0 and 1."""
    splits = {SPLIT_OF.get(word) for word in words_of(table.file_name)}
    rows = table.all_rows
    if not {TRAIN, TEST} <= splits or len(table.columns) != 2:
        return {}
    rows = rows if rows[0][1] in SPLIT_OF_FLAG else rows[1:]
    if {row[1] for row in rows} != set(SPLIT_OF_FLAG):
        return {}
    return {number: SPLIT_OF_FLAG[flag] for number, flag in rows}


def _numbered_images(table: LabelTable, index: FileIndex) -> dict[str, str]:
    """Number -> image, from a table of two columns of which one names files."""
    if len(table.columns) != 2:
        return {}
    table = with_first_row(table)
    files = file_column(table, index)
    if files is None:
        return {}
    at = table.columns.index(files)
    images = {row[1 - at]: index.find(row[at], table.path) for row in table.rows}
    return {number: path for number, path in images.items() if path}
