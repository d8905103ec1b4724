"""Numbers that count the lines of code, taken off."""

from __future__ import annotations

import itertools
import re
from collections import Counter

from core.parsing.clean.statements import indent_of

NUMBERED = re.compile(
    r"[ \t]{0,12}(?:\[(?=\d{1,5}\])|\((?=\d{1,5}\)(?!:))"
    r"|#(?=\d{1,5}(?:\s|$))|L(?=\d{1,5}(?:[:\s]|$))|[Ll]ine (?=\d)"
    r"|/\* ?|\| ?)?"
    r"(\d{1,5})( {0,4}(?:\*/|\|)|[-.:|)\]>│┃→]?)(?=\D|$)(?!,|\.\d)"
)
_SPARSE = re.compile(r"[ \t]{0,12}(\d{1,5})[.:|]?(?=\s|$)")
LEAST_COUNTED = 4  # lines of a block of numbered ones
BREAKS = 2  # in the numbers of an editor that counts from the line it is at
ALIKE = {"-", ":"}  # of grep: a line beside what was looked for, and one that was


def without_numbers(lines: list[str]) -> list[str]:
    """Numbers that count the lines, with a point, bar, colon or spaces behind; also a block of them alone.

    They count all lines of the text, with some that lack one, or those of a block of it.
    """
    matches = [(index, NUMBERED.match(line)) for index, line in enumerate(lines) if line.strip()]
    numbered = [(index, match) for index, match in matches if match]
    counting = sum(1 for (_, one), (_, two) in itertools.pairwise(numbered) if abs(int(two[1]) - int(one[1])) == 1)
    if len(numbered) > 1 and len(numbered) >= 0.8 * len(matches):
        return _unnumbered(lines, numbered) if counting >= 0.8 * (len(numbered) - 1) - BREAKS else lines
    for block in _counting(matches):
        lines = _unnumbered(lines, block)
    return lines


def _counting(matches: list[tuple[int, re.Match[str] | None]]) -> list[list[tuple[int, re.Match[str]]]]:
    """Blocks of lines, one below the other, that count without a gap."""
    blocks: list[list[tuple[int, re.Match[str]]]] = []
    before = None
    for index, match in matches:
        if match is not None and before is not None and int(match[1]) == int(before[1]) + 1:
            blocks[-1].append((index, match))
        elif match is not None:
            blocks.append([(index, match)])
        before = match
    return [block for block in blocks if len(block) >= LEAST_COUNTED]


def _unnumbered(lines: list[str], numbered: list[tuple[int, re.Match[str]]]) -> list[str]:
    """Without these numbers and the spaces that all lines have behind them."""
    mark = Counter(match[2] for _, match in numbered).most_common(1)[0][0]
    marks = ALIKE if mark in ALIKE else {mark}
    if not mark and all(not lines[index][match.end() :].strip() for index, match in numbered):
        return lines
    rests = {index: lines[index][match.end() if match[2] in marks else match.end(1) :] for index, match in numbered}
    gap = min((len(rest) - len(rest.lstrip(" ")) for rest in rests.values() if rest.strip()), default=0)
    result = ["" if line == "--" and mark in ALIKE else line for line in lines]
    for index, rest in rests.items():
        result[index] = rest[gap:] if rest.strip() else ""
    return result


def without_gutter(lines: list[str]) -> list[str]:
    """Numbers 1, 2, 3 ... on lines of their own, in a block as a page's margin is copied, or between the lines."""
    alone = [index for index, line in enumerate(lines) if line.strip().isdigit() and len(line.strip()) < 6]
    if len(alone) >= 4 and all(int(lines[index]) == int(lines[alone[0]]) + n for n, index in enumerate(alone)):
        numbers = set(alone)
        return ["" if index in numbers else line for index, line in enumerate(lines)]
    result = list(lines)
    start = 0
    while start < len(lines):
        length = 0
        while start + length < len(lines) and lines[start + length].strip() == str(length + 1):
            length += 1
        if length >= 4:
            result[start : start + length] = [""] * length
        start += max(length, 1)
    return result


def without_sparse_numbers(lines: list[str]) -> list[str]:
    """Without the numbers of every fifth line or so, where all others have blanks in their place.

    >>> without_sparse_numbers(["   a = 1", " 2 b = 2", "   c = 3", " 4 d = 4"])
    ['a = 1', 'b = 2', 'c = 3', 'd = 4']
    """
    full = [(index, line, _SPARSE.match(line)) for index, line in enumerate(lines) if line.strip()]
    numbered = [(index, match) for index, _, match in full if match]
    first = {int(match[1]) - index for index, match in numbered}
    width = max((match.end() for _, match in numbered), default=0)
    is_one = (len(numbered) > 1 or first == {1}) and len(first) == 1 and len(numbered) < len(full)
    if not is_one or any(line[:width].strip() for _, line, match in full if not match):
        return lines
    gap = min(indent_of(line[width:]) for _, line, _ in full)
    return [line[width + gap :] for line in lines]
