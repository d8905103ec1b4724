"""Statements that a page does not show to their end: the last one of a text, and functions without their bodies."""

from __future__ import annotations

import re

from core.parsing.clean.layout import parses
from core.parsing.clean.statements import indent_of

CUT = "The text ends in the middle of a statement about training; it was left out."
STUBS = "Functions and blocks of which only the head is shown have no body here."
_HEAD = re.compile(r"\s*(?:async )?def \w+\([^#]*\)(?: ?-> ?[^#:]+)?:$")
_WITH = re.compile(r"\s*with [^#]*:$")  # what it would hold is not shown, and so not made
_DEFINES = re.compile(r"\s*(?:@|def |class |async def )")
STUB = "raise NotImplementedError"  # so that whoever calls it is told
_TRAINING = re.compile(
    r"(?:\w+(?:, ?\w+)* ?= ?)?(?:(?:torch\.|tf\.|keras\.)?(?:optim|optimizers|losses|callbacks|metrics)\.|plt\.|print\("
    r"|(?:torch\.utils\.data\.)?DataLoader\(|\w+\.(?:fit|compile|evaluate|predict|summary|plot|step|backward)\()"
    r"|(?:optimizer|criterion|loss\w*|history|scheduler|\w*_loader) ?="
    r"|def (?:train|test|fit|evaluate|plot|accuracy)\w*\("
)
MOST_LINES = 4  # of a statement that is cut off


def without_cut_end(text: str) -> str:
    """The text without a statement about training that its end cuts off; any other one stays and is refused.

    >>> without_cut_end("net = f(1)\\noptimizer = SGD(net.par")
    'net = f(1)\\n'
    >>> without_cut_end("net = Sequential(Linear(")
    'net = Sequential(Linear('
    """
    error = parses(text)
    lines = text.rstrip().split("\n")
    number = (error.lineno or 1) - 1 if error is not None and "never closed" in error.msg else len(lines)
    if len(lines) - MOST_LINES <= number < len(lines) and _TRAINING.match(lines[number]):
        return "\n".join(lines[:number]) + "\n" * (text.count("\n") - number + 1)
    return text


def with_stubs(text: str) -> str:
    """A body that raises for functions of which a page shows nothing but the head, or a comment below it.

    >>> print(with_stubs("def step(a):\\n    # ...\\n\\ndef other(b):"))
    def step(a): raise NotImplementedError
        # ...
    <BLANKLINE>
    def other(b): raise NotImplementedError
    """
    lines = text.split("\n")
    below, comment = "", ""  # the next line of code, and the line right below if it is a comment
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        if _HEAD.match(line.rstrip()) and indent_of(below) <= indent_of(line):
            is_end = not below or _DEFINES.match(below) is not None
            if is_end or (comment and indent_of(comment) > indent_of(line)):
                lines[number] = f"{line.rstrip()} {STUB}"
        elif _WITH.match(line.rstrip()) and comment and indent_of(below) <= indent_of(line) < indent_of(comment):
            lines[number] = f"{line.rstrip()} pass"
        is_comment = line.lstrip()[:1] == "#"
        below = line if line.strip() and not is_comment else below
        comment = line if is_comment else ""
    return "\n".join(lines)
