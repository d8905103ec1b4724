"""What code has printed: the network, tables of its layers. Named where it stands alone, else left out."""

from __future__ import annotations

import re

from core.errors import ParseError
from core.parsing.clean.code_lines import makes_network
from core.parsing.clean.statements import indent_of

_TOTAL = re.compile(r"Total (?:params|parameters)\s?:\s{0,20}([\d,.]{1,20}\s?[KMGB]?)")
_TABLE = re.compile(r"(?:Layer \(type|Output Shape|Param #)")
_PRINTED = re.compile(r"^( *)\w+\($")
_PART = re.compile(r"^ *\(\w+\): ")
MOST_TOTALS = 12  # lines below the first total
_ROW = re.compile(
    r"\s*(?:[-_=*~━]{5,}\s*$|[┏┡┗┌├└│┃╞╘╇]|\+[-=+]{3}"  # rules
    r"|Layer \(type|Model: \"|Output Shape"  # headings
    r"|(?!if|elif|while|return|in|not|and|or)\w[\w.-]* \([\w.]+\) +[\[(\d]"  # of Keras
    r"|\S+-\d+ +\[{1,3}-?\d|\S+: \d+-\d+ +\S|\S+ +\[{1,3}[\d, ]+\]{1,3} +[-\d\[]"  # of torchsummary, torchinfo, Paddle
    r"|(?:Total|Trainable|Non-trainable|Optimizer) (?:params|parameters|mult-adds)\b"
    r"|(?:Input|Params|Forward/backward pass|Estimated Total) [Ss]ize \(\w+\))"
)


def without_outputs(text: str) -> str:
    r"""Code without the network and the tables that it printed; a printed network alone as it is.

    >>> without_outputs("net = Sequential(ReLU())\nprint(net)\nSequential(\n  (0): ReLU()\n)")
    'net = Sequential(ReLU())\nprint(net)\n\n\n'
    """
    lines = text.split("\n")
    printed = _printed(lines)
    rest = ["" if number in printed else line for number, line in enumerate(lines)]
    if not makes_network("\n".join(rest)):
        return text
    return "\n".join(_without_tables(rest))


def _printed(lines: list[str]) -> set[int]:
    """The numbers of the lines of printed networks, each from `Net(` to the bracket that closes it."""
    result: set[int] = set()
    number = 0
    while number < len(lines) - 1:
        opening = _PRINTED.match(lines[number])
        below = next((n for n in range(number + 1, len(lines)) if lines[n].strip()), number) if opening else number
        if opening is None or not _PART.match(lines[below]):
            number += 1
            continue
        depth = len(opening[1])
        after = (n for n in range(below, len(lines)) if lines[n].strip() and indent_of(lines[n]) <= depth)
        end = next(after, len(lines))
        end += end < len(lines) and lines[end].strip() == ")"
        result |= set(range(number, end))
        number = end
    return result


def _without_tables(lines: list[str]) -> list[str]:
    """Without tables: from two lines above a heading to the last total below it, what looks like a row."""
    result, inside = list(lines), False
    for number, line in enumerate(lines):
        if _TABLE.search(line):
            inside = True
            for above in range(max(0, number - 2), number):
                result[above] = "" if _ROW.match(lines[above]) else lines[above]
        is_end = inside and any(_TOTAL.search(one) for one in lines[max(0, number - MOST_TOTALS) : number])
        inside = inside and not (is_end and line.strip() and not _ROW.match(line))
        if inside and _ROW.match(line):
            result[number] = ""
    return result


def refuse_table(text: str) -> None:
    """A summary's table is told by its name; it does not say how the layers are connected."""
    total = _TOTAL.search(text)
    if total is None or not _TABLE.search(text) or makes_network(text):
        return
    kind = (
        "Keras's model.summary()"
        if "Layer (type) " in text and "depth-idx" not in text and "None" in text
        else "torchinfo"
    )
    if "----" in text and kind == "torchinfo" and "depth-idx" not in text:
        kind = "torchsummary"
    raise ParseError(
        f"This is the table that {kind} prints, with {total[1].strip()} parameters in all. It does not say how the "
        "layers are connected: paste the code of the network."
    )
