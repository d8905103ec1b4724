"""A network as far as its text can be parsed: its list of layers up to the first one that cannot."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import ParseError
from core.parsing import Parsed, parse
from core.parsing.evaluate import dotted
from core.parsing.sanitize import bare, read_tree


@dataclass(frozen=True)
class UnparsedLayer:
    """The layer at which parsing stops: its name as written ("Dense"), and why."""

    kind: str
    sentence: str


@dataclass(frozen=True)
class PartialParse:
    """What was parsed, and the part of the text that this is; `unparsed` is None where it is all of it."""

    parsed: Parsed
    text: str
    unparsed: UnparsedLayer | None = None


def parse_partial(text: str) -> PartialParse:
    """The network without the layers from the first one on that cannot be parsed.

    Raises: ParseError where there is no layer before it in the same list.

    >>> parse_partial("nn.Sequential(nn.ReLU(), nn.Linear(9, classes), nn.Tanh())").text
    'nn.Sequential(nn.ReLU())'
    """
    try:
        return PartialParse(parse(text), text)
    except ParseError as error:
        reason = error
    tree, text = read_tree(text), bare(text)
    for layers in _lists(tree):
        count, parsed = _longest(text, layers)
        if parsed is not None:
            stop = layers[count]
            name = dotted(stop.func) if isinstance(stop, ast.Call) else ""
            unparsed = UnparsedLayer(name.rpartition(".")[2], str(reason))
            return PartialParse(parsed, _cut(text, layers, count), unparsed)
    raise reason


def _lists(node: ast.AST) -> Iterator[list[ast.expr]]:
    """What stands in each Sequential that is in no other one."""
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "Sequential":
        alone = node.args[0] if len(node.args) == 1 else None
        yield alone.elts if isinstance(alone, (ast.List, ast.Tuple)) else node.args
    else:
        for child in ast.iter_child_nodes(node):
            yield from _lists(child)


def _longest(text: str, layers: list[ast.expr]) -> tuple[int, Parsed | None]:
    """How many of the layers can be parsed, from the first one on, and these; 0 and None if not even one."""
    few, many = 0, len(layers) - 1
    longest: Parsed | None = None
    while few < many:
        middle = (few + many + 1) // 2
        try:
            few, longest = middle, parse(_cut(text, layers, middle))
        except ParseError:
            many = middle - 1
    return few, longest


def _cut(text: str, layers: list[ast.expr], count: int) -> str:
    """The text with the first `count` layers alone."""
    written = text.encode()
    before, after = (_end(written, layer) for layer in (layers[count - 1], layers[-1]))
    return (written[:before] + written[after:]).decode()


def _end(written: bytes, node: ast.expr) -> int:
    """Where a node ends, in bytes, as Python counts its columns."""
    lines = written.splitlines(keepends=True)
    return sum(map(len, lines[: (node.end_lineno or 1) - 1])) + (node.end_col_offset or 0)
