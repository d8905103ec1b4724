"""docs/truth.md: what each page shows, and the test that holds it. `python -m tests.truth.document` writes it anew."""

from __future__ import annotations

import ast
import importlib
import logging
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from playground import catalog

ROOT = Path(__file__).parents[2]
FOLDER = Path("tests/truth")
TARGET = ROOT / "docs/truth.md"
HEAD = """\
# What each page shows, and the test that holds it

Written by `python -m tests.truth.document` from the `SHOWS` of each `tests/truth/test_<page>.py`; a test compares.
The tests of a page try hundreds of states of its controls: headline, chart, table and sentence are compared with each
other and with PyTorch.

On every page: no program on the screen imports this repository
([test_no_block_imports_this_repository](../tests/truth/test_notebooks.py)), and "Download as notebook" gives title,
idea, formulas and programs of the state on the screen, which run in an empty folder
([test_the_notebook_runs_in_an_empty_folder](../tests/truth/test_notebooks.py)).
"""


def pages() -> list[catalog.Lesson]:
    """The pages that have a file of tests here, in the order of the course."""
    return [page for page in (catalog.HOME, *catalog.LESSONS) if (ROOT / file_of(page)).exists()]


def file_of(page: catalog.Lesson) -> Path:
    return FOLDER / f"test_{page.file}.py"


def shows(page: catalog.Lesson) -> dict[str, list[tuple[Path, str]]]:
    """What the page shows -> file and name of each test that holds it; a name is empty where the whole file does."""
    module = importlib.import_module(".".join(file_of(page).with_suffix("").parts))
    return {shown: list(_places(named, file_of(page))) for shown, named in module.SHOWS.items()}


def _places(named: str | tuple[str, ...], home: Path) -> Iterator[tuple[Path, str]]:
    """`test_name`, `path::test_name`, `path`, or several of these."""
    for one in (named,) if isinstance(named, str) else named:
        path, _, name = one.rpartition("::") if "::" in one or not one.endswith(".py") else (one, "", "")
        yield Path(path or home), name


@cache
def tests_in(file: Path) -> frozenset[str]:
    """The names of a file's tests."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    names = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef))
    return frozenset(name for name in names if name.lower().startswith("test"))


def written() -> str:
    """The document as it should be."""
    return "\n".join([HEAD, *(_section(page) for page in pages())])


def _section(page: catalog.Lesson) -> str:
    rows = [f"| {shown} | {', '.join(map(_link, places))} |" for shown, places in shows(page).items()]
    return "\n".join([f"## {page.title}", "", "| shown | held by |", "|---|---|", *rows, ""])


def _link(place: tuple[Path, str]) -> str:
    file, name = place
    return f"[{name or file.name}](../{file.as_posix()})"


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # Streamlit's, that no server is running
    TARGET.write_text(written(), encoding="utf-8")
