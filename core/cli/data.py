"""`python -m core data PATH`: what an archive or a folder of images is taken to mean, before anything is decoded."""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.datasets import LayoutChoice, Understanding

LAYOUT = "how to read the folders, as one text: 'reading=leaf;dropped=fox;split=redraw' (as the app writes it)"


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser("data", help="say what an archive or a folder of images is taken to mean")
    parser.add_argument("path", help="a ZIP, another archive, a folder, or a dataset's name")
    add_layout_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what was understood. Returns the exit status: 2 if nothing can be trained on it as it is read."""
    from core.datasets.layout_report import report

    understanding = understood_as(arguments.path, layout_of(arguments))
    if arguments.json:
        print(json.dumps(understanding.as_json()))
    else:
        print("\n".join(report(understanding)))
    return 2 if understanding.refusal else 0


def add_layout_arguments(parser: argparse.ArgumentParser) -> None:
    """Options that correct how the folders of a dataset are read; `layout_of` reads them."""
    from core.datasets.layout.choice import AS_GIVEN, REDRAW

    parser.add_argument("--layout", default="", help=LAYOUT)
    parser.add_argument("--reading", help="one of the readings that `python -m core data PATH` lists")
    parser.add_argument("--columns", help="the columns of a table that hold files and classes: id,breed")
    parser.add_argument("--classes", help="use only these classes: cat,dog (a name with a comma in quotation marks)")
    parser.add_argument("--drop", help="leave these classes out: fox,wolf")
    given = "use train, validation and test folders as they are, or redraw the split (given)"
    parser.add_argument("--split", choices=(AS_GIVEN, REDRAW), help=given)


def layout_of(arguments: argparse.Namespace) -> LayoutChoice:
    """The choice that the options describe.

    Raises: DataError if `--columns` are not two, or a part of `--layout` says nothing.
    """
    from core.datasets import LayoutChoice
    from core.datasets.layout.choice import parts_passed_over
    from core.errors import DataError

    if unknown := parts_passed_over(arguments.layout):
        raise DataError(
            f"--layout has {unknown[0]!r}, which corrects nothing: write reading=KEY, columns=FILES,CLASSES, "
            "only=CLASSES, dropped=CLASSES or split=redraw, with a semicolon between two of them; "
            "`python -m core data PATH` lists the possible readings."
        )
    columns = _names(arguments.columns)
    if columns and len(columns) != 2:
        raise DataError(f"--columns {arguments.columns} names {len(columns)}: give the column of files and of classes.")
    options: dict[str, Any] = {
        "reading": arguments.reading,
        "columns": columns,
        "only": _names(arguments.classes),
        "dropped": _names(arguments.drop),
        "split": arguments.split,
    }
    return dataclasses.replace(
        LayoutChoice.parse(arguments.layout), **{name: value for name, value in options.items() if value}
    )


def understood_as(source: str, choice: LayoutChoice) -> Understanding:
    """What was understood of a source; a built-in dataset, which has no files, is drawn to be counted.

    Raises: DataError if there is no such source, or the choice is not possible there.
    """
    from core.datasets import Understanding, load
    from core.datasets.reading.corrected import understood_as_corrected

    if understanding := understood_as_corrected(source, choice):
        return understanding
    counts = load(source, BUILT_IN_SIZE).class_counts
    return Understanding(source, choice, counts, {}, (), {}, (), (), "folders", (), "")


BUILT_IN_SIZE = 32


def _names(text: str | None) -> tuple[str, ...]:
    """The names between commas; one that has a comma itself stands in quotation marks, as in a table.

    >>> _names('fox, "cat, black"')
    ('fox', 'cat, black')
    """
    names = next(csv.reader([text], skipinitialspace=True), []) if text else []
    return tuple(name.strip() for name in names if name.strip())
