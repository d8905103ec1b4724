"""The margin of a text: tabs mixed with spaces -> spaces, where only one width of a tab makes blocks of it."""

from __future__ import annotations

import re
import textwrap

from core.errors import ParseError
from core.parsing.clean.lost_layout import logical_lines
from core.parsing.clean.statements import indent_of

WIDTHS = (4, 8)  # of today's editors; of terminals and Python 2


def with_spaces(text: str) -> str:
    """The text with spaces in place of tabs, 4 for each unless the blocks need 8.

    Raises: ParseError if both widths give blocks, and not the same.

    >>> with_spaces("def f():\\n    for a in b:\\n\\tg(a)")
    'def f():\\n    for a in b:\\n        g(a)'
    """
    indents = {line[: indent_of(line)] for line in text.split("\n") if line.strip()}
    narrow, wide = (text.expandtabs(width) for width in WIDTHS)
    if not any("\t" in one for one in indents) or not any(one[:1] == " " for one in indents):
        return narrow
    by_width = [_depths(one) for one in (narrow, wide)]
    if by_width[1] is None or by_width[0] == by_width[1]:
        return narrow
    if by_width[0] is None:
        return wide
    number = next(line for (line, one), (_, two) in zip(*by_width, strict=True) if one != two)
    raise ParseError(
        f"Line {number + 1} is in one block with tabs of 4 columns, and in another with tabs of 8, and other lines are "
        "indented by spaces: write spaces in place of the tabs."
    )


def _depths(text: str) -> list[tuple[int, int]] | None:
    """Line numbers of statements and in how many blocks each is; None where a block has no line, or ends nowhere."""
    lines = text.split("\n")
    result: list[tuple[int, int]] = []
    stack, opens = [0], False
    for one in logical_lines(lines):
        start = next(line for line in lines[one.first : one.last + 1] if line.strip() and line.lstrip()[0] != "#")
        indent = len(start) - len(start.lstrip())
        if opens:
            if indent <= stack[-1]:
                return None
            stack.append(indent)
        while stack[-1] > indent:
            stack.pop()
        if stack[-1] != indent and result:
            return None
        result.append((one.first, len(stack)))
        opens = bool(one.kind)
    return result


def dedented(text: str) -> str:
    """Without the indentation that all lines share, tabs as spaces; a first line may have none."""
    text = textwrap.dedent(with_spaces(text))
    blank = re.match(r"(?: *\n)*", text)
    above, text = (blank[0], text[blank.end() :]) if blank else ("", text)
    return above + _without_margin(text)


def _without_margin(text: str) -> str:
    first, _, rest = text.partition("\n")
    lines = [line for line in rest.split("\n") if line.strip()]
    if first[:1] == " " and lines and lines[0][0] != " ":
        return f"{first.lstrip()}\n{rest}"
    margin = min((indent_of(line) for line in lines), default=0)
    if (
        margin
        and first.strip()
        and not first.rstrip().endswith((":", "(", "[", ",", "{", "\\"))
        and first[0] not in " \t"
    ):
        return "\n".join([first, *(line[margin:] for line in rest.split("\n"))])
    return text
