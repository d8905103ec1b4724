"""What a page says of a network beside it: lines that stand for others of it, and code that it leaves out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.errors import ParseError
from core.parsing.clean.loose_methods import ENTRIES, sets_self

OUTSIDE = "{0} part{1} of `self` outside of a class: left out."
ELIDED = "{0} that code is left out there; it is not counted."
_POINTS = re.compile(r"\s*#\s*(?:\.{3}|…)")
TRAINED = ("compile", "fit", "fit_generator", "evaluate", "predict")
MOST_LISTED = 6


def without_loose_parts(tree: ast.Module, text: str) -> tuple[ast.Module, tuple[str, ...]]:
    """The tree without lines such as `self.fc = ...` that belong to no class, and sentences on what is left out.

    >>> made, notes = without_loose_parts(ast.parse("class A: pass\\nself.fc = f(1)"), "")
    >>> len(made.body), notes
    (1, ('Line 2 sets a part of `self` outside of a class: left out.',))
    """
    has_class = any(isinstance(node, ast.ClassDef) for node in tree.body)
    loose = [node for node in tree.body if sets_self(node) and (has_class or _has_other_network(tree))]
    points = [number for number, line in enumerate(text.split("\n"), start=1) if _POINTS.match(line)]
    notes = [ELIDED.format(_lines(points, "says", "say"))] if points else []
    if not loose:
        return tree, tuple(notes)
    sets = _lines([node.lineno for node in loose], "sets a", "set")
    body = [node for node in tree.body if node not in loose]
    return ast.Module(body, tree.type_ignores), (OUTSIDE.format(sets, "s" * (len(loose) > 1)), *notes)


def _has_other_network(tree: ast.Module) -> bool:
    """Whether a text has a network by a name of its own, and no method of a class whose heading is lost."""
    has_entry = any(getattr(node, "name", "") in ENTRIES for node in tree.body)
    return not has_entry and any(_makes_whole(node) and not sets_self(node) for node in tree.body)


def _lines(numbers: list[int], one: str, many: str) -> str:
    listed = ", ".join(map(str, numbers[:MOST_LISTED])) + (" and more" if len(numbers) > MOST_LISTED else "")
    return f"Lines {listed} {many}" if len(numbers) > 1 else f"Line {listed} {one}"


def refuse_lone_parts(tree: ast.Module) -> None:
    """Refuses lines such as `self.fc = ...` among sentences where neither their class nor what runs them is shown.

    Raises: ParseError that names the first of them.
    """
    loose = [node.lineno for node in tree.body if sets_self(node) and not _makes_whole(node)]
    shown = [node for node in tree.body if isinstance(node, ast.ClassDef) or getattr(node, "name", "") in ENTRIES]
    if loose and not shown and len(loose) == sum(map(sets_self, tree.body)):
        raise ParseError(
            f"{_lines(loose, 'sets a part', 'set parts')} of `self`, but neither their class nor its forward() is in "
            "the text: paste the whole class."
        )


def _makes_whole(node: ast.stmt) -> bool:
    """Whether a part is a network by itself, such as `self.model = nn.Sequential(...)`."""
    value = node.value if isinstance(node, ast.Assign) else None
    return isinstance(value, ast.Call) and ast.unparse(value.func).endswith("Sequential")


def refuse_late_additions(tree: ast.Module) -> None:
    """Refuses a layer that is added to a trained network which nothing trains afterwards, in a text among sentences.

    Such a line of an answer stands for one of the question: added, it would be counted besides.
    Raises: ParseError that names both lines.
    """
    trained: dict[str, int] = {}
    added: dict[str, int] = {}
    for line, name, method in _calls(tree):
        if method in TRAINED:
            trained[name] = line
            added.pop(name, None)
        elif method == "add" and name in trained:
            added.setdefault(name, line)
        elif method == "=":
            trained.pop(name, None)
            added.pop(name, None)
    for name, line in added.items():
        raise ParseError(
            f"Line {line} adds a layer to {name[:60]}, which line {trained[name]} has trained: among sentences it may "
            "stand for another line. Paste the network as it is meant."
        )


def _calls(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Statements of the outer level that call a method of a name, or give that name a value, with `=` for these."""
    for node in tree.body:
        value = node.value if isinstance(node, (ast.Assign, ast.Expr)) else None
        match value:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
                yield node.lineno, name, method
        for target in node.targets if isinstance(node, ast.Assign) else ():
            if isinstance(target, ast.Name):
                yield node.lineno, target.id, "="
