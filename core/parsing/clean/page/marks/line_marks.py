"""Signs that a page, a mail or a tool puts before lines of code, taken off."""

from __future__ import annotations

import re

from core.parsing.clean.page.fences import FENCE
from core.parsing.clean.statements import indent_of

_ROW = re.compile(r"\s{0,9}[|│┃║](.*)[|│┃║]\s*$")
_RULE = re.compile(r"\s{0,9}[-+|=:─━═┌┐└┘├┤╔╗╚╝┏┓┗┛┼┬┴ ]{3,}$")
_QUOTED = re.compile(r"\s*`([^`]+)`\s*$")  # as code of Markdown
LEAST_QUOTED = 0.8  # of all lines
_CELL_ENDS = re.compile(r"\s*(?:\|\s*)+$")
LEAST_CELLS, LEAST_ENDED = 3, 0.8  # lines, and a share of those between the first and the last
_LISTED_CODE = re.compile(r"- +(?:import \w|from \w|class \w+[(:]|def \w+\()")
DIFF_HEAD = re.compile(r"(?:diff --git|index [0-9a-f]{6,}|@@ |\+\+\+ |--- )")


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
    return _without_list(lines)


def _without_list(lines: list[str]) -> list[str]:
    """Code of which a page makes a list, without the `-` of its items; what the page has above and below it stays.

    >>> _without_list(["Not a member yet?", "- class A(B):", "- x = 1", "- y = 2", "Sign in"])
    ['Not a member yet?', 'class A(B):', 'x = 1', 'y = 2', 'Sign in']
    """
    items = [number for number, line in enumerate(lines) if line.startswith("- ")]
    first, last = (items[0], items[-1] + 1) if len(items) >= LEAST_CELLS else (0, 0)
    inside = [line for line in lines[first:last] if line.strip()]
    is_code = any(_LISTED_CODE.match(line) for line in inside)
    if not is_code or len(items) < len(inside) or len(items) < sum(1 for line in lines if line.strip()) / 2:
        return lines
    return [*lines[:first], *_unmarked(lines[first:last], "-"), *lines[last:]]


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


def without_frames(lines: list[str]) -> list[str]:
    """What stands in a box, or in a table of one column, without its rules; and lines that are each marked as code.

    >>> without_frames(["+------+", "| a = 1 |", "| b = 2 |", "+------+"])
    ['', 'a = 1 ', 'b = 2 ', '']
    >>> without_frames(["`a = 1`", "`b = 2`"])
    ['a = 1', 'b = 2']
    """
    full = [line for line in lines if line.strip() and not _RULE.match(line)]
    if len(full) < 2 or not all(map(_ROW.match, full)):
        return _unquoted(lines)
    inner = [row[1] if not _RULE.match(line) and (row := _ROW.match(line)) else "" for line in lines]
    gap = min((indent_of(line) for line in inner if line.strip()), default=0)
    return _unquoted([line[gap:] for line in inner])


def without_cell_ends(lines: list[str]) -> list[str]:
    """Without the bars behind lines of code, which a page keeps of a table of a line in each row.

    >>> without_cell_ends(["By Ann", "|", "a = 1 | |", "b = 2 |"])
    ['By Ann', '', 'a = 1', 'b = 2']
    """
    full = [line for line in lines if line.strip()]
    ended = [number for number, line in enumerate(full) if _CELL_ENDS.search(line)]
    run = full[ended[0] : ended[-1] + 1] if ended else []
    if len(ended) < max(LEAST_CELLS, min(len(full) / 2, LEAST_ENDED * len(run))):
        return lines
    return [_CELL_ENDS.sub("", line) for line in lines]


def _unquoted(lines: list[str]) -> list[str]:
    full = [line for line in lines if line.strip()]
    if len(full) < 2 or sum(1 for line in full if _QUOTED.match(line)) < LEAST_QUOTED * len(full):
        return lines
    return [_QUOTED.sub(r"\1", line) for line in lines]
