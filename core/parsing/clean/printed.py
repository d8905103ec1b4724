"""What `print(model)` shows, turned back into the text that makes it, line for line."""

from __future__ import annotations

import re

from core.errors import ParseError

_NAMED = re.compile(r"^(\s*)\((\w+)\): (.*)$")
_OPENED = re.compile(r"^\w+\($")


def unprinted(text: str) -> str:
    """Python text for a printed Sequential; any other text as it is.

    >>> print(unprinted("Sequential(\\n  (0): Conv2d(3, 8, 3)\\n  (act): ReLU()\\n)"))
    Sequential(OrderedDict([
      ("0", Conv2d(3, 8, 3)),
      ("act", ReLU()),
    ]))
    """
    lines = text.split("\n")
    if not any(_NAMED.match(line) for line in lines):
        return text
    return "\n".join(_line(line, number) for number, line in enumerate(lines, start=1))


def _line(line: str, number: int) -> str:
    named = _NAMED.match(line)
    indent, name, rest = named.groups() if named else (line[: len(line) - len(line.lstrip())], "", line.strip())
    rest = rest.rstrip()
    if rest == ")":
        return f"{indent}]))" + (")," if indent else "")
    if _OPENED.match(rest):
        if rest != "Sequential(":
            raise ParseError(
                f"Line {number}: a printed {rest[:-1][:60]} does not say how its parts are connected: paste its "
                "Sequential parts, or write them as nn.Sequential, Residual(...) and Parallel(...)."
            )
        rest = "Sequential(OrderedDict(["
        return f'{indent}("{name}", {rest}' if named else indent + rest
    return f'{indent}("{name}", {rest}),' if named else line
