"""A network as far as it can be read: its list of layers up to the first one that cannot."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import ParseError
from core.parsing import parse
from core.parsing.sanitize import bare, read_tree
from core.parsing.values import dotted


@dataclass(frozen=True)
class Unread:
    """The layer at which reading stops: its word as written ("Dense"), and why."""

    kind: str
    sentence: str


def readable(text: str) -> tuple[str, Unread | None]:
    """The text without the layers from the first one on that cannot be read, and that one; None where all can be.

    Raises: ParseError where there is no layer before it in the same list.

    >>> readable("nn.Sequential(nn.ReLU(), nn.Linear(9, classes), nn.Tanh())")[0]
    'nn.Sequential(nn.ReLU())'
    """
    try:
        parse(text)
    except ParseError as error:
        reason = error
    else:
        return text, None
    tree, text = read_tree(text), bare(text)
    for layers in _lists(tree):
        count = _longest(text, layers)
        if count:
            stop = layers[count]
            kind = dotted(stop.func) if isinstance(stop, ast.Call) else ""
            return _cut(text, layers, count), Unread(kind.rpartition(".")[2], str(reason))
    raise reason


def _lists(node: ast.AST) -> Iterator[list[ast.expr]]:
    """What stands in each Sequential that is in no other one."""
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "Sequential":
        alone = node.args[0] if len(node.args) == 1 else None
        yield alone.elts if isinstance(alone, (ast.List, ast.Tuple)) else node.args
    else:
        for child in ast.iter_child_nodes(node):
            yield from _lists(child)


def _longest(text: str, layers: list[ast.expr]) -> int:
    """How many of the layers can be read, from the first one on; 0 if the others are not what cannot be read."""
    few, many = 0, len(layers) - 1
    while few < many:
        middle = (few + many + 1) // 2
        try:
            parse(_cut(text, layers, middle))
            few = middle
        except ParseError:
            many = middle - 1
    return few


def _cut(text: str, layers: list[ast.expr], count: int) -> str:
    """The text with the first `count` layers alone."""
    written = text.encode()
    before, after = (_end(written, layer) for layer in (layers[count - 1], layers[-1]))
    return (written[:before] + written[after:]).decode()


def _end(written: bytes, node: ast.expr) -> int:
    """Where a node ends, in bytes, as Python counts its columns."""
    lines = written.splitlines(keepends=True)
    return sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset
