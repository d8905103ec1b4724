"""Code among other text: indented under sentences, as in forums and mails, or with the numbers of remarks."""

from __future__ import annotations

import re
import textwrap

from core.parsing.clean.code_lines import has_signs, is_prose

_REMARK = re.compile(r"[ \t]*(?:<\d{1,3}>|[\u2460-\u2473])[ \t]*$", re.MULTILINE)


def without_remarks(text: str) -> str:
    """The text without numbers in angle brackets, or in circles, at the end of lines.

    >>> without_remarks("x = Input((8,))  <1>")
    'x = Input((8,))'
    """
    return _REMARK.sub("", text)


def indented_code(text: str) -> str:
    """The indented lines at the margin, where all other lines are sentences; else the text as it is.

    >>> indented_code("Here's what I tried:\\n\\n    x = 1\\n    y = 2\\n\\nIt doesn't work.")
    '\\n\\nx = 1\\ny = 2\\n\\n'
    """
    lines = text.split("\n")
    outer = [line for line in lines if line.strip() and line[0] not in " \t#"]
    inner = [line for line in lines if line.strip() and line[0] in " \t"]
    if not outer or len(inner) < 2 or not all(is_prose(line) or not has_signs(line) for line in outer):
        return text
    return textwrap.dedent("\n".join(line if line[:1] in (" ", "\t") else "" for line in lines))
