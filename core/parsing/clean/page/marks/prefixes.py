"""What tools write before each line: grep, git blame, debuggers, logs, terminals in colour. Taken off."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TIME = r"\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?: ?[AP]M)?"
_DATE = r"(?:\d{4}[-/.]\d\d[-/.]\d\d|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})"
_LEVEL = r"\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|[DIWE])\]?"
PREFIXES = tuple(
    re.compile(one)
    for one in (
        r"\s{0,9}[\w./-]{1,80}\.py[:-](?=\d{1,5}[:-])",  # of grep, with a number behind
        r"\^?[0-9a-f]{7,40} [^(\n]{0,60}\([^()\n]{3,80}?(?=\d{1,5}\) )",  # of git blame
        r"\s{0,6}\d{1,5} {0,3}B? ?(?:->|>>)? {0,2}\t",  # of pdb
        r"(?:-{1,8}> ?| {2,9})(?=\d{1,5}(?: |$))",  # of IPython's debugger
        rf"\[?(?:{_DATE}[T ] ?)?{_TIME}(?:Z|[+-]\d\d:?\d\d)?\]?(?: - [\w.]{{1,40}}(?= - ))?"
        rf"(?:[ :|-]{{1,3}}{_LEVEL}(?=[\s:|-]|$))?(?: -(?= |$)|[:|](?= |$))?",
        r"[DIWEF]\d{4} \d\d:\d\d:\d\d[.\d]{0,10} +\d+ [\w.]{1,60}:\d+\]",  # of Google's logs
        rf"{_LEVEL}(?:[:|] |:[\w.]{{1,40}}:)",
    )
)
_NAME_AND_MARK = re.compile(r"(?:[^\W\d][\w./:-]{0,60} *[:|>] ?|[→▶•⟩»·>] ?)(?=\s*$)")  # on all lines alike
_MESSAGE = re.compile(rf"^\[?{_DATE},? {_TIME}\]?(?: -)? [^:\n]{{1,40}}: ")
_SENT = re.compile(rf"[^\W\d][^=(){{}}\n]{{0,60}}?[\s\[\u2014-]+(?:(?:Today|Yesterday) at )?{_TIME}\]?\s*$")
_COLOUR = re.compile(r"\x1b\[[0-9;]{0,20}[mK]")  # what moves the cursor or wipes the screen is no colour
_COLOUR_LEFT = re.compile(r"\[\d{0,2}(?:;\d{1,3}){0,5}[mK]")  # where the sign before it was lost
LEAST_MARKED = 0.8  # of all lines


def without_colours(text: str) -> str:
    """A terminal's text without the signs that colour it.

    >>> without_colours("\\x1b[1;34mimport\\x1b[0m torch")
    'import torch'
    """
    return _COLOUR.sub("", text)


def without_lost_colours(lines: list[str]) -> list[str]:
    """The same where a page has left out the first sign of each."""
    has_end = any("[0m" in line or "[m" in line or "[39" in line for line in lines)
    return [_COLOUR_LEFT.sub("", line) for line in lines] if has_end else lines


def without_prefixes(lines: list[str]) -> list[str]:
    """Without what a tool writes before nearly every line; a number behind it is left.

    >>> without_prefixes(["net.py:1:import torch", "net.py:2:x = 1"])
    ['1:import torch', '2:x = 1']
    """
    full = [line for line in lines if line.strip()]
    for prefix in PREFIXES:
        if len(full) > 1 and sum(1 for line in full if prefix.match(line)) >= LEAST_MARKED * len(full):
            return _cut(lines, [len(match[0]) if (match := prefix.match(line)) else 0 for line in lines])
    common = _NAME_AND_MARK.match(_shared_beginning(full)) if len(full) > 1 else None
    return _cut(lines, [len(common[0])] * len(lines)) if common is not None else lines


def without_line_ends(lines: list[str]) -> list[str]:
    """Without the `$` of `cat -A` at the end of each line, and with the tabs that it shows."""
    full = [line for line in lines if line.strip()]
    if len(full) < 2 or not all(line.endswith("$") for line in full):
        return lines
    return [line.removesuffix("$").replace("^I", "\t") for line in lines]


def without_senders(lines: list[str]) -> list[str]:
    """Without when and by whom a message was sent, before its first line or above it."""
    return [_MESSAGE.sub("", line, count=1) if not _SENT.match(line) else "" for line in lines]


def _shared_beginning(lines: Sequence[str]) -> str:
    first, last = min(lines), max(lines)
    length = next((n for n, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first[:length]


def _cut(lines: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Lines without their first columns, and without the spaces that all have behind these."""
    rests = [line[width:] for line, width in zip(lines, widths, strict=True)]
    marked = [rest for rest, width in zip(rests, widths, strict=True) if width and rest.strip()]
    gap = min((len(rest) - len(rest.lstrip(" ")) for rest in marked), default=0)
    return [rest[gap:] if width else rest for rest, width in zip(rests, widths, strict=True)]
