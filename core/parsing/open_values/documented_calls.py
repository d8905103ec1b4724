"""Calls of a class in the docstrings of its text: `>>> net = WaveNet(scales=[5, 5, 8], hop_length=200)`.

They show values that belong together, such as a length that is the product of others.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.parsing.clean.syntax import all_nodes

LONGEST = 1000  # letters of a call
MOST_TRIED = 20  # places of a docstring
PROMPT = re.compile(r"^[ \t]*(>>>|\.\.\.)[ \t]?", re.M)


def documented_calls(tree: ast.AST, owner: str) -> list[ast.Call]:
    """The calls with arguments, those in the docstring of the class or function itself first.

    >>> tree = ast.parse("class Net:\\n    '''>>> net = Net(3,\\n    ...     width=8)'''")
    >>> [ast.unparse(call) for call in documented_calls(tree, "Net")]
    ['Net(3, width=8)']
    """
    own = [one for one in all_nodes(tree) if isinstance(one, ast.ClassDef | ast.FunctionDef) and one.name == owner]
    strings = list(dict.fromkeys(text for part in (*own, tree) for text in _strings(part) if f"{owner}(" in text))
    return [call for text in strings for call in _calls(text, owner)]


def _strings(tree: ast.AST) -> list[str]:
    """Strings that stand alone, in the order of the text."""
    alone = [one for one in all_nodes(tree) if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)]
    alone.sort(key=lambda one: one.lineno)
    return [value for one in alone if isinstance(value := getattr(one.value, "value", None), str)]


def _calls(text: str, owner: str) -> Iterator[ast.Call]:
    plain = PROMPT.sub("", text)
    places = [match.start() for match in re.finditer(rf"(?<![\w.]){re.escape(owner)}\(", plain)]
    for start in places[:MOST_TRIED]:
        call = _first_call(plain[start : start + LONGEST])
        if call is not None and (call.args or call.keywords):
            yield call


def _first_call(text: str) -> ast.Call | None:
    """The call that a text begins with; None where what stands in the brackets is no Python."""
    depth = 0
    for match in re.finditer(r"[()]", text):
        depth += 1 if match[0] == "(" else -1
        if depth == 0:
            try:
                call = ast.parse(text[: match.end()], mode="eval").body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None
            return call if isinstance(call, ast.Call) else None
    return None
