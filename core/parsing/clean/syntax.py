"""From a stranger's text to a syntax tree of bounded size. Python's own parser is kept from what makes it slow."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache

from core.errors import ParseError

MAX_CHARACTERS = 200_000
MAX_BRACKETS = 80  # open at once
MAX_DEPTH = 90  # of the syntax tree, so that walking it by recursion stays far from Python's limit
MAX_NODES = 90_000  # without signs and contexts
MAX_PARSED_LINES = 60_000  # by all turns of one repair

PASTED = "<pasted text>"  # the name under which Python's parser knows it
warnings.filterwarnings("ignore", module=re.escape(PASTED))  # what it remarks of a stranger's text is for nobody here

_WITHOUT_NODES = {"ctx", "op", "ops", "id", "attr", "arg", "kind", "conversion", "module", "level", "type_comment"}
_FIELDS = {  # of each kind of node, those in which others may stand; `+` and its kind stand for no part of a text
    kind: tuple(field for field in kind._fields if field not in _WITHOUT_NODES and kind is not ast.Constant)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
_STRING_OR_COMMENT = re.compile(r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|#[^\n]*")


def tree_of(text: str) -> ast.Module:
    """The syntax tree of Python text.

    Raises: ParseError if the text is too deep or not Python.
    """
    _check_brackets(text)
    tree = parsed(text)
    if isinstance(tree, SyntaxError):
        raise ParseError(_explain_syntax(tree)) from None
    if tree is None:
        raise ParseError(
            "This is not Python that can be parsed: a number or a nesting in it is far too large."
        ) from None
    _check_size(tree)
    return tree


@lru_cache(maxsize=2)  # cleaning a text and building its tree ask for the same one
def parsed(text: str) -> ast.Module | SyntaxError | None:
    """What `tree_or_error` says of a whole text. Nobody changes the tree."""
    return tree_or_error(text)


def tree_or_error(text: str) -> ast.Module | SyntaxError | None:
    """The tree, why there is none, or None where Python's parser gives up."""
    try:
        return ast.parse(text, PASTED)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError, OverflowError):
        return None


def attempts(lines: Sequence[str], most: int) -> range:
    """Turns of a repair that parses all lines anew after each step: fewer of them for a long text.

    >>> len(attempts(["a"] * 1_000, 60)), len(attempts(["a"] * 20_000, 60)), len(attempts(["a"] * 100_000, 60))
    (60, 3, 1)
    """
    return range(max(1, min(most, MAX_PARSED_LINES // max(len(lines), 1))))


def expression_of(text: str) -> ast.expr | None:
    """The tree of one expression, None where the text is none."""
    try:
        return ast.parse(text, PASTED, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None


def statements_of(text: str) -> list[ast.stmt] | None:
    """The statements of code in quotes, None where it is no Python of bounded size."""
    tree = tree_or_error(textwrap.dedent(text))
    if not isinstance(tree, ast.Module):
        return None
    _check_size(tree)
    return tree.body


def check_text(text: str) -> None:
    """Refuses what is no text of bounded size, before anything walks over it."""
    if not text.strip():
        raise ParseError(
            "There is no text yet: paste a network, for example nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU())."
        )
    if len(text) > MAX_CHARACTERS:
        raise ParseError(
            f"The text has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read: paste only the network."
        )
    for number, line in enumerate(text.split("\n"), start=1):
        odd = next((c for c in line if ord(c) < 32 and c not in "\t\r\f"), None)
        if odd is not None:
            raise ParseError(
                f"Line {number} contains the control character {odd!r}, which code never has: retype that line."
            )


def _check_brackets(text: str) -> None:
    depth = 0
    for number, line in enumerate(_STRING_OR_COMMENT.sub("", text).split("\n"), start=1):
        for character in line:
            if character in "([{":
                depth += 1
            elif character in ")]}":
                depth = max(0, depth - 1)
            if depth > MAX_BRACKETS:
                raise ParseError(f"Line {number} nests {depth} brackets; at most {MAX_BRACKETS} may be nested.")


def _check_size(tree: ast.Module) -> None:
    pending: list[tuple[ast.AST, int]] = [(tree, 0)]
    count = 0
    while pending:
        node, depth = pending.pop()
        count += 1
        if depth > MAX_DEPTH:
            raise ParseError(
                f"Line {getattr(node, 'lineno', 1)} is nested more than {MAX_DEPTH} levels deep: give its "
                "inner parts names."
            )
        if count > MAX_NODES:
            raise ParseError(f"The text has more than {MAX_NODES:,} parts: paste only the network.")
        pending += [(child, depth + 1) for child in children(node)]


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below a node, but for signs and contexts; `ast.iter_child_nodes` takes many times as long."""
    below: list[ast.AST] = []
    for field in _FIELDS[type(node)]:
        value = getattr(node, field, None)
        if isinstance(value, list):
            below += [one for one in value if isinstance(one, ast.AST)]
        elif isinstance(value, ast.AST):
            below.append(value)
    return below


def all_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """A node and all nodes below it, but for signs and contexts, in no order."""
    pending = [tree]
    while pending:
        node = pending.pop()
        yield node
        pending += children(node)


def _explain_syntax(error: SyntaxError) -> str:
    where = f"Line {error.lineno}" if error.lineno else "The text"
    if "digits" in error.msg:
        return f"{where} contains a number with thousands of digits; no layer needs one that large."
    shown = (error.text or "").strip()
    quoted = f", near `{shown[:60]}`" if shown else ""
    if error.msg.startswith("expected an indented block"):
        return (
            f"{where} is not Python: {error.msg}{quoted}. The indentation was lost, and where that block ends "
            "cannot be told for sure: paste the code with its indentation."
        )
    return f"{where} is not Python: {error.msg}{quoted}. Check its brackets and commas."


def is_text(node: ast.AST) -> bool:
    """Whether a statement is a string or another constant alone, such as a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def is_points(node: ast.AST) -> bool:
    """Whether a statement is `...` alone, which stands for code where others stand beside it."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.value.value is Ellipsis
