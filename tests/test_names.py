"""One name, one thing: a class name is used once, and a file is named by the word an expert would look for."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARTS = ("core", "playground", "pages", "benchmarks")
FILES = sorted(script for part in PARTS for script in (ROOT / part).rglob("*.py"))
# metaphors that once were names of files here; as whole words of a file's or a folder's name
# fmt: off
BANNED = {
    "answer", "answers", "asked", "brought", "crew", "diary", "dice", "doubt", "doubting", "door", "drawn", "found",
    "ghost", "ghosts", "given", "guess", "guises", "hands", "kept", "look", "looks", "luck", "office", "place",
    "places", "race", "remedy", "rising", "said", "seen", "shelf", "told", "truth", "waves", "wanted", "whom",
    "wishes", "zoo",
}
# fmt: on
# what is compared with PyTorch, page by page: here the word is meant as it stands
LITERAL = {"tests/truth", "docs/truth.md"}


def class_names(script: Path) -> set[str]:
    tree = ast.parse(script.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def test_a_class_name_is_used_once():
    homes = defaultdict(list)
    for script in FILES:
        for name in class_names(script):
            homes[name].append(str(script.relative_to(ROOT)))
    assert {name: scripts for name, scripts in homes.items() if len(scripts) > 1} == {}


def words_of(path: Path) -> set[str]:
    """The words of a path's names, without the beginning that is meant literally."""
    literal = next((start for start in LITERAL if path.is_relative_to(start)), "")
    named = path.relative_to(literal).parts
    return {word for part in named for word in part.split(".")[0].split("_")}


def test_no_file_or_folder_is_named_by_a_metaphor():
    suffixes = ("py", "js", "css", "md")
    paths = [
        path.relative_to(ROOT)
        for part in (*PARTS, "tests", "docs")
        for suffix in suffixes
        for path in (ROOT / part).rglob(f"*.{suffix}")
    ]
    words = {path: words_of(path) for path in paths}
    assert {str(path): found for path in paths if (found := words[path] & BANNED)} == {}
