"""`re` on strings that are known: patterns that cannot take long, on short texts."""

from __future__ import annotations

import ast
import re
from typing import Any

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Bound, Builtin, Function, Namespace, Partial, Special, Unknown

MAX_PATTERN = MAX_TEXT = 100  # letters
MAX_REPEATS = 3  # signs such as * in one pattern, none of a group: no pattern goes back further than the text's cube
_REPEAT = re.compile(r"(?<!\\)(?:\\\\)*[*+{]|(?<![\\(*+?}])\?")
_OF_GROUP = re.compile(r"\)[*+{]")
FUNCTIONS = "match fullmatch search findall finditer split sub"
FLAGS = ("I", "IGNORECASE", "M", "MULTILINE", "S", "DOTALL", "X", "VERBOSE", "A", "ASCII")


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

    def __init__(self, pattern: Any, flags: int = 0):
        self.pattern, self.flags = pattern, flags

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        function = _FUNCTIONS.get(name)
        if function is None:
            return self.pattern if name == "pattern" else MISSING

        def run(call: BuiltinCall, *args: Any, **how: Any) -> Any:
            return call.call(function, self, *args, **how)

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


def callable_of_text(value: Any) -> bool:
    """Whether it is a function: of the text, or one that is known here."""
    return isinstance(value, (Function, Bound, Partial, Builtin))


def _function(name: str) -> Builtin:
    def run(call: BuiltinCall, pattern: Any, *args: Any, flags: Any = 0, **how: Any) -> Any:
        flags |= pattern.flags if isinstance(pattern, Pattern) else 0
        pattern = pattern.pattern if isinstance(pattern, Pattern) else pattern
        texts = list(args[: 2 if name == "sub" else 1])
        new = texts[0] if name == "sub" and texts and callable_of_text(texts[0]) else None
        numbers = [*args[len(texts) :], *how.values(), flags]
        known = _checked(call, pattern, texts if new is None else texts[1:])
        if not known or not all(isinstance(one, int) for one in numbers) or not set(how) <= {"count", "maxsplit"}:
            return Unknown("re is read for strings that are known", getattr(call.node, "lineno", 1))
        if new is not None:
            texts[0] = lambda found: call.call(new, Match(found))
        try:
            found = getattr(re.compile(pattern, flags), name)(*texts, *args[len(texts) :], **how)
        except re.error as error:
            raise call.fail(f"{error}.") from None
        return (
            [Match(one) for one in found]
            if name == "finditer"
            else Match(found)
            if isinstance(found, re.Match)
            else found
        )

    return Builtin(f"re.{name}", run, needs_call=True, pays=MAX_TEXT)


_FUNCTIONS = {name: _function(name) for name in FUNCTIONS.split()}
RE = Namespace(
    "re",
    {
        **_FUNCTIONS,
        "compile": Builtin("re.compile", lambda call, pattern, flags=0: Pattern(pattern, flags), needs_call=True),
        "escape": Builtin("re.escape", lambda text: re.escape(text[:MAX_TEXT])),
        **{name: int(getattr(re, name)) for name in FLAGS},
    },
)
