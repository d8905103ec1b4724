"""`re` on strings that are known: patterns that cannot take long, on short texts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Bound, Builtin, Function, Namespace, Partial, Special, Unknown

MAX_PATTERN = MAX_TEXT = 100  # letters
MAX_REPEATS = 3  # in one pattern, none within another: no pattern goes back further than the text's cube
REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)
COUNTING = ("split", "sub")  # which take a number before their flags
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


def _checked(call: BuiltinCall, pattern: Any, texts: list[Any], flags: int) -> bool:
    """Whether all of them are strings. Raises: ParseError for those that may take long."""
    if not isinstance(pattern, str) or not all(isinstance(text, str) for text in texts):
        return False
    if len(pattern) > MAX_PATTERN or any(len(text) > MAX_TEXT for text in texts):
        raise call.fail(f"pattern and text have at most {MAX_PATTERN} letters here.")
    if not _is_quick(_parser.parse(pattern, flags)):
        raise call.fail(f"a pattern has at most {MAX_REPEATS} repeats here, and none within another.")
    return True


def _is_quick(pattern: Any) -> bool:
    r"""Whether a pattern has few repeats, and what is repeated many times is the same each time.

    >>> [_is_quick(_parser.parse(one)) for one in (r"(ab)+_(\d+)?", r"(a+)(?#again)+", r"(?x)(a|a) *", "a?" * 9)]
    [True, False, False, False]
    """
    repeats = [bounds for kind, bounds in _nodes(pattern) if kind in REPEATS]
    inner = [kind for _, most, part in repeats if most != 1 for kind, _ in _nodes(part)]
    return len(repeats) <= MAX_REPEATS and not any(kind in (*REPEATS, sre.BRANCH) for kind in inner)


def _nodes(pattern: Any) -> Iterator[tuple[Any, Any]]:
    """The parts of a parsed pattern, and those within them."""
    if isinstance(pattern, tuple) and len(pattern) == 2 and isinstance(pattern[0], type(sre.BRANCH)):
        yield pattern
    for part in pattern if isinstance(pattern, (tuple, list, _parser.SubPattern)) else ():
        yield from _nodes(part)


def callable_of_text(value: Any) -> bool:
    """Whether it is a function: of the text, or one that is known here."""
    return isinstance(value, (Function, Bound, Partial, Builtin))


def _function(name: str) -> Builtin:
    def run(call: BuiltinCall, pattern: Any, *args: Any, flags: Any = 0, **how: Any) -> Any:
        if is_compiled := isinstance(pattern, Pattern):
            pattern, flags = pattern.pattern, pattern.flags
        texts = list(args[: 2 if name == "sub" else 1])
        new = texts[0] if name == "sub" and texts and callable_of_text(texts[0]) else None
        numbers = list(args[len(texts) :])
        if not is_compiled and len(numbers) > (name in COUNTING):
            flags = numbers.pop()
        are_known = all(isinstance(one, int) for one in (flags, *numbers, *how.values()))
        try:
            are_known = are_known and _checked(call, pattern, texts if new is None else texts[1:], flags)
            if not are_known or not set(how) <= {"count", "maxsplit"}:
                return Unknown("re is read for strings that are known", getattr(call.node, "lineno", 1))
            if new is not None:
                texts[0] = lambda found: call.call(new, Match(found))
            found = getattr(re.compile(pattern, flags), name)(*texts, *numbers, **how)
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
