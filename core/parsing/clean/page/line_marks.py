"""Numbers and signs that a page, a mail or a tool puts before lines of code, taken off."""

from __future__ import annotations

import itertools
import re
from collections import Counter

from core.parsing.clean.page.markup import FENCE

NUMBERED = re.compile(r"[ \t]{0,12}(?:\[(?=\d{1,5}\]))?(\d{1,5})([.:|)\]>│┃→]?)(?=\D|$)(?!,|\.\d)")
LEAST_COUNTED = 4  # lines of a block of numbered ones
PREFIXES = (  # of grep; of git blame
    re.compile(r"\s{0,9}[\w./-]{1,80}\.py[:-](?=\d{1,5}[:-])"),
    re.compile(r"\^?[0-9a-f]{7,40} [^(\n]{0,60}\([^()\n]{3,80}?(?=\d{1,5}\) )"),
)
DIFF_HEAD = re.compile(r"(?:diff --git|index [0-9a-f]{6,}|@@ |\+\+\+ |--- )")


def without_numbers(lines: list[str]) -> list[str]:
    """Numbers that count the lines, with a point, bar, colon or spaces behind; also a block of them alone.

    They count all lines of the text, with some that lack one, or those of a block of it.
    """
    lines = _without_prefixes(lines)
    matches = [(index, NUMBERED.match(line)) for index, line in enumerate(lines) if line.strip()]
    numbered = [(index, match) for index, match in matches if match]
    rising = sum(1 for (_, one), (_, two) in itertools.pairwise(numbered) if int(two[1]) == int(one[1]) + 1)
    if len(numbered) > 1 and len(numbered) >= 0.8 * len(matches):
        return _unnumbered(lines, numbered) if rising >= 0.8 * (len(numbered) - 1) else lines
    for block in _counting(matches):
        lines = _unnumbered(lines, block)
    return _without_gutter(lines)


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
    if not mark and all(not lines[index][match.end() :].strip() for index, match in numbered):
        return lines
    rests = {index: lines[index][match.end() if match[2] == mark else match.end(1) :] for index, match in numbered}
    gap = min((len(rest) - len(rest.lstrip(" ")) for rest in rests.values() if rest.strip()), default=0)
    result = list(lines)
    for index, rest in rests.items():
        result[index] = rest[gap:] if rest.strip() else ""
    return result


def _without_prefixes(lines: list[str]) -> list[str]:
    """Without a file's name, or who wrote a line, before the number of each line."""
    full = [line for line in lines if line.strip()]
    prefix = next((one for one in PREFIXES if all(map(one.match, full))), None)
    return [prefix.sub("", line, count=1) for line in lines] if prefix is not None else lines


def _without_gutter(lines: list[str]) -> list[str]:
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


def without_quoting(lines: list[str]) -> list[str]:
    """Without the > of a mail or of Markdown, where most lines have it, or where the marks of a code block have it."""
    full = [line.lstrip() for line in lines if line.strip()]
    quoted = [line for line in full if line[0] == ">" and not line.startswith(">>>")]
    is_fenced = any(FENCE.match(line.lstrip("> ")) for line in quoted)
    return _unmarked(lines, ">") if len(quoted) > len(full) / 2 or is_fenced else lines


def without_marks(lines: list[str]) -> list[str]:
    """A sign that begins every line: a list's - or *, a table's |; and the marks of a diff."""
    full = [line for line in lines if line.strip()]
    if len(full) < 2:
        return lines
    is_diff = any(DIFF_HEAD.match(line) for line in full) or all(line[0] in "+- " for line in full)
    if is_diff and any(line[0] == "+" for line in full):
        return _new_side(lines)
    for mark in ("-", "*", "|", "+", "•", "·", "#"):
        if all(line.lstrip().startswith(mark) for line in full):
            if mark == "#" and not any(re.match(r"\s*#\s*(import|from|class|def|nn\.)", line) for line in full):
                continue
            return _unmarked(lines, mark)
    return lines


def _unmarked(lines: list[str], mark: str) -> list[str]:
    """Without a sign, or several of it, before the lines, and without the spaces that all have behind it."""
    sign = re.escape(mark)
    matches = [re.match(rf"\s*(?:{sign} ?)*{sign}" if mark == ">" else rf"\s*{sign}", line) for line in lines]
    rests = [line[match.end() :] if match else line for line, match in zip(lines, matches, strict=True)]
    marked = [rest for rest, match in zip(rests, matches, strict=True) if match and rest.strip()]
    gap = min((len(rest) - len(rest.lstrip(" ")) for rest in marked), default=0)
    return [rest[gap:] if match else rest for rest, match in zip(rests, matches, strict=True)]


def _new_side(lines: list[str]) -> list[str]:
    result = []
    for line in lines:
        if DIFF_HEAD.match(line) or line[:1] == "-" or line.startswith("\\ No newline"):
            result.append("")
        else:
            result.append(line[1:] if line[:1] in ("+", " ") else line)
    return result
