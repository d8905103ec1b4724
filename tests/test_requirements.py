"""What is imported is pinned by name, for the app and for the tests, and installed as it is pinned."""

import ast
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


def pinned(*files: str) -> dict[str, str]:
    """Name -> version."""
    text = "\n".join((ROOT / file).read_text(encoding="utf-8") for file in files)
    return dict(re.findall(r"^([\w-]+)==([\w.]+)$", text, re.MULTILINE))


def imported(folders: tuple[str, ...]) -> set[str]:
    """The packages that are imported and neither ours nor Python's."""
    files = [ROOT / "streamlit_app.py", *(file for folder in folders for file in (ROOT / folder).rglob("*.py"))]
    return {name for file in files for name in _imports(file)} - sys.stdlib_module_names - {*OURS, INVENTED, "google"}


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize(
    ("folders", "files"),
    [(APP, ["requirements.txt"]), (ALL, ["requirements.txt", "requirements-dev.txt"])],
    ids=["app", "tests"],
)
def test_what_is_imported_is_pinned_by_name(folders, files):
    distributions = importlib.metadata.packages_distributions()
    names = {distributions[name][0].lower() for name in imported(folders)}
    assert names - pinned(*files).keys() == set()


def test_what_is_pinned_is_what_is_installed():
    pins = pinned("requirements.txt", "requirements-dev.txt")
    assert pins == {name: importlib.metadata.version(name).partition("+")[0] for name in pins}
