"""What stands between fences of Markdown, LaTeX, forums and trackers, as lines: the code of a page that has them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.parsing.clean.code_lines import code_lines, is_header, is_statement, makes_network, source_of
from core.parsing.clean.statements import indent_of, spans

FENCE = re.compile(
    r"\s{0,20}(?:```|~~~|\\(?:begin|end)\{(?:lstlisting|minted|verbatim|python|code)\*?\}"
    r"|\[/?code(?:=\w{1,20})?\]\s*$|\{code(?::\w{1,20})?\}\s*$"
    r"|\{[%{][%<]? ?(?:end|/ ?)?(?:highlight|codeblock)\b[^}\n]{0,80}\})",
    re.IGNORECASE,
)
LANGUAGE = re.compile(
    r"\s{0,20}(?:(?:`{3,9}|~{3,9})[\s{.]{0,4}|\{[%{][%<]? ?(?:highlight|codeblock) (?:lang:)?)([A-Za-z]\w{0,20})"
)
PYTHON = ("py", "ipython", "ipy")


@dataclass(frozen=True)
class Block:
    """Lines between two fences, which themselves are not among them, and the language that the first one names."""

    first: int
    last: int
    language: str

    @property
    def numbers(self) -> range:
        return range(self.first, self.last + 1)

    @property
    def is_python(self) -> bool:
        return self.language.startswith(PYTHON)


def out_of_fences(lines: list[str]) -> list[str]:
    """What stands between fences, if no code that makes a network stands outside of them.

    Where some are of Python, those of other languages are left out, and so is what is no code.

    >>> out_of_fences(["Run this:", "```", "x = f(1)", "```", "```", "ok, it ran", "```"])
    ['', '', 'x = f(1)', '', '', '', '']
    """
    inside, outside, _ = _sides(lines)
    return lines if _has_network(outside) else inside


def without_fences(lines: list[str]) -> list[str]:
    """What stands between fences and outside of them, as in a notebook's page.

    >>> without_fences(["net = Net(1)", "", "```bash", "python net.py", "```"])
    ['net = Net(1)', '', '', '', '']
    """
    _, outside, code = _sides(lines)
    return [one or other for one, other in zip(code, outside, strict=True)]


def _sides(lines: list[str]) -> tuple[list[str], list[str], list[str]]:
    """What is read of fences, what stands outside of them, and what of the first is code: each with all lines."""
    fences = {index for index, line in enumerate(lines) if FENCE.match(line)}
    blocks = _blocks(lines, sorted(fences)) if len(fences) > 1 else []
    has_python = any(block.is_python for block in blocks)
    read = [block for block in blocks if not has_python or not block.language or block.is_python]
    code = [block for block in read if block.is_python or _is_code([lines[number] for number in block.numbers])]
    around = fences.union(*(block.numbers for block in blocks))
    outside = ["" if number in around else line for number, line in enumerate(lines)]
    if not blocks:
        return outside, [""] * len(lines), outside
    return _only(code or read, lines), outside, _only(code, lines)


def _only(blocks: Sequence[Block], lines: Sequence[str]) -> list[str]:
    numbers = {number for block in blocks for number in block.numbers}
    return [line if number in numbers else "" for number, line in enumerate(lines)]


def _blocks(lines: Sequence[str], fences: Sequence[int]) -> list[Block]:
    """Only an opening fence names a language; a fence much deeper than the one that is open stands in a docstring."""
    blocks: list[Block] = []
    opened, language, indent = -1, "", 0
    for index in fences:
        if opened >= 0 and indent_of(lines[index]) > indent + 3:
            continue
        match = LANGUAGE.match(lines[index])
        if opened >= 0:
            blocks.append(Block(opened + 1, index - 1, language))
        is_inside = opened < 0 or match is not None
        opened, language = (index, match[1].lower() if match else "") if is_inside else (-1, "")
        indent = indent_of(lines[index])
    if opened >= 0:
        blocks.append(Block(opened + 1, len(lines) - 1, language))
    return blocks


def _is_code(lines: Sequence[str]) -> bool:
    """Whether half of what a fence holds is Python, or any of it makes a network; else it was printed, or a command."""
    statements = spans(lines)
    return 2 * len(code_lines(lines)) >= len(statements) or makes_network("\n".join(lines))


def _has_network(lines: Sequence[str]) -> bool:
    """Whether statements make a network, or define a class or function, of which the body stands below."""
    statements = spans(lines)
    for one, below in itertools.zip_longest(statements, statements[1:]):
        source = source_of(one, lines)
        if not makes_network(source) or not is_statement(source):
            continue
        deeper = below is not None and indent_of(lines[below.first]) > indent_of(lines[one.first])
        if deeper or not is_header(source.split("\n")[-1].strip()):
            return True
    return False
