"""What is imported is pinned by name, for the app and for the tests, and installed as it is pinned."""

import ast
import functools
import importlib.metadata
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("core", "playground", "pages", "tests", "benchmarks", "deploy")
APP, ALL = ("core", "playground", "pages"), OURS
INVENTED = "a_module_that_is_not_there"  # by a test of ours


def pinned(file: str) -> dict[str, str]:
    """Name -> version, of a file and of those that it includes."""
    text = (ROOT / file).read_text(encoding="utf-8")
    included = [pinned(one) for one in re.findall(r"^-r ([\w./-]+)$", text, re.MULTILINE)]
    own = dict(re.findall(r"^([\w-]+)==([\w.]+)$", text, re.MULTILINE))
    return {name: version for pins in (*included, own) for name, version in pins.items()}


def imported(folders: tuple[str, ...]) -> set[str]:
    """The packages that are imported and neither ours nor Python's."""
    files = [ROOT / "streamlit_app.py", *(file for folder in folders for file in (ROOT / folder).rglob("*.py"))]
    return {name for file in files for name in _imports(file)} - sys.stdlib_module_names - {*OURS, INVENTED, "google"}


@functools.cache
def _imports(file: Path) -> frozenset[str]:
    return frozenset(_imported_names(file))


def _imported_names(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize(
    ("folders", "file"),
    [(APP, "requirements.txt"), (ALL, "requirements-dev.txt")],
    ids=["app", "tests"],
)
def test_what_is_imported_is_pinned_by_name(folders, file):
    distributions = importlib.metadata.packages_distributions()
    names = {distributions[name][0].lower() for name in imported(folders)}
    assert names - pinned(file).keys() == set()


def test_what_is_pinned_is_what_is_installed():
    pins = pinned("requirements-dev.txt")
    assert pins == {name: importlib.metadata.version(name).partition("+")[0] for name in pins}
