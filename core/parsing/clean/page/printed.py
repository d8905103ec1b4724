"""What `print(model)` shows, turned back into the text that makes it, line for line."""

from __future__ import annotations

import re

from core.parsing.clean.statements import indent_of

_NAMED = re.compile(r"^(\s*)\((\w+)\): (.*)$")
_OPENED = re.compile(r"^\w+\($")


def unprinted(text: str) -> str:
    """Python text for a printed network; any other text as it is. What is no Sequential becomes `PrintedParts`.

    >>> print(unprinted("Sequential(\\n  (0): Conv2d(3, 8, 3)\\n  (act): ReLU()\\n)"))
    Sequential(OrderedDict([
      ("0", Conv2d(3, 8, 3)),
      ("act", ReLU()),
    ]))
    """
    lines = text.split("\n")
    if not any(_NAMED.match(line) for line in lines):
        return text
    return "\n".join(_line(line) for line in lines)


def _line(line: str) -> str:
    named = _NAMED.match(line)
    indent, name, rest = named.groups() if named else (line[: indent_of(line)], "", line.strip())
    rest = rest.rstrip()
    if rest == ")":
        return f"{indent}]))" + (")," if indent else "")
    if _OPENED.match(rest):
        rest = "Sequential(OrderedDict([" if rest == "Sequential(" else "PrintedParts(OrderedDict(["
        return f'{indent}("{name}", {rest}' if named else indent + rest
    return f'{indent}("{name}", {rest}),' if named else line
