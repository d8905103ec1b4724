"""Which physical lines make one statement: brackets and strings are followed as far as they close again.

What is pasted is seldom Python throughout, so a bracket or a quote that a sentence opens holds nothing together.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

CLOSES = {")": "(", "]": "[", "}": "{"}
TRIPLE = ('"""', "'''")
_BEGINS = re.compile(  # a statement for sure, so that no bracket above it is open
    r"^[ \t]*(?:class \w+ ?[(:]|(?:async )?def \w+ ?\(|import [\w., ]+$|from [\w.]+ import\b|return\b"
    r"|self\.\w+ ?=(?!=))",
    re.MULTILINE,
)


class LineRange(NamedTuple):
    """The first and the last physical line of a statement."""

    first: int
    last: int


def indent_of(line: str) -> int:
    """How many columns stand before what a line says."""
    return len(line) - len(line.lstrip())


def spans(lines: Sequence[str]) -> tuple[LineRange, ...]:
    """Each line that is not blank, together with those that its brackets, strings and backslashes hold to it.

    >>> [(one.first, one.last) for one in spans(["f(", "  1)", "", "it's (so", "import a"])]
    [(0, 1), (3, 3), (4, 4)]
    """
    return _spans("\n".join(lines))


@lru_cache(maxsize=4)  # the steps of cleaning ask for those of the same text, and of what it becomes
def _spans(text: str) -> tuple[LineRange, ...]:
    lines = text.split("\n")
    held = _held(lines, text)
    result: list[LineRange] = []
    number = 0
    while number < len(lines):
        first = last = number
        while number <= last:
            last = max(last, held.get(number, number))
            number += 1
        if last > first or lines[first].strip():
            result.append(LineRange(first, last))
    return tuple(result)


def _held(lines: Sequence[str], text: str) -> dict[int, int]:
    """Lines that open what a later line closes, and the last of these."""
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    begins = [match.start() for match in _BEGINS.finditer(text)]
    opened: list[tuple[str, int]] = []
    held: dict[int, int] = {}
    begun = 0

    def hold(start: int, end: int) -> None:
        first = bisect_right(starts, start) - 1
        held[first] = max(held.get(first, first), bisect_right(starts, end - 1) - 1)

    for token, start in _tokens(text):
        while begun < len(begins) and begins[begun] <= start:
            opened.clear()
            begun += 1
        if token in ("(", "[", "{"):
            opened.append((token, start))
        elif token in CLOSES:
            if opened and opened[-1][0] == CLOSES[token]:
                hold(opened.pop()[1], start + 1)
        elif "\n" in token:
            hold(start, start + len(token) + (token[0] == "\\"))
            while begun < len(begins) and begins[begun] < start + len(token) and token[0] != "\\":
                begun += 1
    return held


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Brackets, strings, comments and backslashes at the end of a line, and where they are.

    Three quotes that nothing closes are three quotes, and so are all of their kind below.
    """
    position = 0
    quotes: tuple[str, ...] = TRIPLE
    is_open = True
    while is_open:
        is_open = False
        for match in _pattern(quotes).finditer(text, position):
            token, position = match[0], match.start()
            if token[:3] in quotes and (len(token) < 6 or token[-3:] != token[:3]):
                quotes, is_open = tuple(one for one in quotes if one != token[:3]), True
                break
            yield token, position


@lru_cache(maxsize=4)
def _pattern(quotes: tuple[str, ...]) -> re.Pattern[str]:
    triple = "".join(rf"{one}(?:[^\\{one[0]}]|\\[\s\S]|{one[0]}(?!{one[:2]}))*+(?:{one}|\\?\Z)|" for one in quotes)
    return re.compile(rf"{triple}'(?:[^'\\\n]|\\.)*+'|\"(?:[^\"\\\n]|\\.)*+\"|#[^\n]*|\\\n|[()\[\]{{}}]")
