"""`re` on strings that are known: patterns that cannot take long, on short texts."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Builtin, Namespace, Special, Unknown

MAX_PATTERN = MAX_TEXT = 100  # letters
MAX_REPEATS = 3  # signs such as * in one pattern, none of a group: no pattern goes back further than the text's cube
_REPEAT = re.compile(r"(?<!\\)(?:\\\\)*[*+{]|(?<![\\(*+?}])\?")
_OF_GROUP = re.compile(r"\)[*+{]")
FUNCTIONS = "match fullmatch search findall split sub"


class Match(Special):
    """What a pattern found."""

    name = "match"

    def __init__(self, found: re.Match[str]):
        self.found = found

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        if name in ("group", "groups", "groupdict", "start", "end", "span"):
            return Builtin(name, getattr(self.found, name))
        return MISSING

    def item(self, evaluator: Any, index: Any, node: ast.AST | None) -> Any:
        return self.found[index]


class Pattern(Special):
    """`re.compile(pattern)`."""

    name = "pattern"

    def __init__(self, pattern: Any):
        self.pattern = pattern

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        function = _FUNCTIONS.get(name)
        if function is None:
            return self.pattern if name == "pattern" else MISSING

        def run(call: BuiltinCall, *args: Any) -> Any:
            return call.call(function, self.pattern, *args)

        return Builtin(name, run, needs_call=True)


def _checked(call: BuiltinCall, pattern: Any, texts: list[Any]) -> bool:
    """Whether all of them are strings. Raises: ParseError for those that may take long."""
    if not isinstance(pattern, str) or not all(isinstance(text, str) for text in texts):
        return False
    if len(pattern) > MAX_PATTERN or any(len(text) > MAX_TEXT for text in texts):
        raise call.fail(f"pattern and text have at most {MAX_PATTERN} letters here.")
    if len(_REPEAT.findall(pattern)) > MAX_REPEATS or _OF_GROUP.search(pattern):
        raise call.fail(f"a pattern has at most {MAX_REPEATS} repeats here, and none of a group.")
    return True


def _function(name: str) -> Builtin:
    run_python: Callable[..., Any] = getattr(re, name)

    def run(call: BuiltinCall, pattern: Any, *args: Any, **kwargs: Any) -> Any:
        pattern = pattern.pattern if isinstance(pattern, Pattern) else pattern
        texts = list(args[: 2 if name == "sub" else 1])
        if kwargs or len(args) != len(texts) or not _checked(call, pattern, texts):
            return Unknown("re is read for strings that are known", getattr(call.node, "lineno", 1))
        try:
            found = run_python(pattern, *texts)
        except re.error as error:
            raise call.fail(f"{error}.") from None
        return Match(found) if isinstance(found, re.Match) else found

    return Builtin(f"re.{name}", run, needs_call=True, pays=MAX_TEXT)


_FUNCTIONS = {name: _function(name) for name in FUNCTIONS.split()}
RE = Namespace(
    "re",
    {
        **_FUNCTIONS,
        "compile": Builtin("re.compile", lambda call, pattern, *flags: Pattern(pattern), needs_call=True),
        **dict.fromkeys(("I", "IGNORECASE", "M", "MULTILINE", "S", "DOTALL"), 0),
    },
)
