"""What stands between fences of Markdown, LaTeX, forums and trackers, as lines: the code of a page that has them."""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from core.parsing.clean.code_lines import code_lines, is_header, is_statement, makes_network, source_of
from core.parsing.clean.layout import parses
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
_CODE = re.compile(r"(?:import|from|class|def|for|if|with|while)\b.|[\w.]+ ?(?:=|\()")  # behind a fence
_HEAD = re.compile(r"(?:class|def) \w+(?:\([^()]*\))?\s*(?:#.*)?$")  # without its colon
_OPENED = re.compile(r"(```|~~~)(?=\S*[ (=])(.+)")  # with code behind it, and no language
_CLOSED = re.compile(r"(\s*[^\s`~].*?)\s*(```|~~~)\s*$")
PYTHON = ("py", "ipython", "ipy")


@dataclass(frozen=True)
class FencedLines:
    """Lines from a fence on to the next, which is not among them, and the language that the first one names."""

    first: int
    last: int
    language: str
    indent: int = 0  # of the fence itself

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


def between_quotes(lines: list[str]) -> list[str]:
    """Code of several lines between single backquotes or quotes, as of a person who does not know of fences.

    >>> between_quotes(["I use:", "`a = 1", "b = 2`", "What is wrong?"])
    ['', 'a = 1', 'b = 2', '']
    >>> between_quotes(["'a = 1", "b = 2", "'", "It doesn't work."])
    ['a = 1', 'b = 2', '', '']
    """
    result = [""] * len(lines)
    for sign in "`'":
        odd = [number for number, line in enumerate(lines) if line.replace("'''", "").count(sign) % 2]
        for first, last in itertools.pairwise(odd):
            opened, closed = lines[first].strip(), lines[last].rstrip()
            if opened.startswith(sign) and closed.endswith(sign) and is_statement(opened[1:]):
                opening = lines[first].replace(sign, "", 1)
                result[first : last + 1] = [opening, *lines[first + 1 : last], closed[:-1]]
    return result if any(result) else lines


def without_stray_quotes(lines: list[str]) -> list[str]:
    """Without a single backquote in a line that is a statement without it: a mark that was set once too often.

    >>> without_stray_quotes(["fit(x, y, `verbose=2)", "the `net"])
    ['fit(x, y, verbose=2)', 'the `net']
    """
    bare = [line.replace("`", "") if line.count("`") == 1 else line for line in lines]
    return [one if one != line and is_statement(one.strip()) else line for one, line in zip(bare, lines, strict=True)]


def with_own_fences(lines: list[str]) -> list[str]:
    """Fences that stand in a line with code, each in the blank line above or below instead.

    >>> with_own_fences(["", "```class A(B):", "    x = 1```", ""])
    ['```', 'class A(B):', '    x = 1', '```']
    """
    result = list(lines)
    for number, line in enumerate(lines):
        opened, closed = _OPENED.match(line), _CLOSED.match(line)
        if opened and number and not result[number - 1].strip() and is_statement(opened[2]):
            result[number - 1], result[number] = opened[1], opened[2]
        elif closed and number + 1 < len(lines) and not lines[number + 1].strip() and is_statement(closed[1]):
            result[number], result[number + 1] = closed[1], closed[2]
    return result


def _sides(lines: list[str]) -> tuple[list[str], list[str], list[str]]:
    """What is read of fences, what stands outside of them, and what of the first is code: each with all lines."""
    lines = with_own_fences(lines)
    fences = {index: match.end() for index, line in enumerate(lines) if (match := FENCE.match(line))}
    is_open = len(fences) == 1 and _language(lines[min(fences)]) != ""  # the text ends before the fence does
    blocks = _blocks(lines, sorted(fences)) if len(fences) > 1 or is_open else []
    shown = [_inline_code(line, fences[index]) if index in fences else line for index, line in enumerate(lines)]
    has_python = any(block.is_python for block in blocks)
    read = [block for block in blocks if not has_python or not block.language or block.is_python]
    texts = [(block, [shown[number] for number in block.numbers]) for block in read]
    code = [one for one, text in texts if _is_code(text, one.is_python)]
    if has_python:
        printed = [one for one, text in texts if not one.language and not _is_python(text)]
        code = [one for one in code if one not in printed]
    cut = range(_cut_at_top(lines, sorted(fences)) if any(_has_network(text) for _, text in texts) else 0)
    around = set(fences).union(*(block.numbers for block in blocks), cut)
    outside = ["" if number in around else line for number, line in enumerate(shown)]
    if not blocks:
        return outside, [""] * len(lines), outside
    return _only(code or read, shown), outside, _only(code, shown)


def _cut_at_top(lines: Sequence[str], fences: Sequence[int]) -> int:
    """How many lines stand before the end of a fence whose begin is cut off, 0 where they are Python or no fence's."""
    if len(fences) < 2 or _language(lines[fences[0]]) or not _language(lines[fences[1]]):
        return 0
    above = textwrap.dedent("\n".join(lines[: fences[0]]))
    return fences[0] if parses(above) is not None else 0


def _language(line: str) -> str:
    match = LANGUAGE.match(line)
    return match[1].lower() if match and not _inline_code(line, match.start(1)) else ""


def _inline_code(line: str, start: int) -> str:
    """The code behind the signs of a fence, in the same line."""
    rest = line[start:].lstrip("`~ ") if line.lstrip()[:1] in "`~" else ""
    return rest if (_CODE.match(rest) and is_statement(rest)) or rest.startswith(('"""', "'''")) else ""


def _only(blocks: Sequence[FencedLines], lines: Sequence[str]) -> list[str]:
    """The lines of these blocks, each without the indentation that its fence has, as in a list."""
    result = [""] * len(lines)
    for block in blocks:
        inside = [indent_of(lines[number]) for number in block.numbers if lines[number].strip()]
        depth = min([block.indent, *inside])
        for number in block.numbers:
            result[number] = lines[number][depth:]
    return result


def _blocks(lines: Sequence[str], fences: Sequence[int]) -> list[FencedLines]:
    """Only an opening fence names a language; a fence much deeper than the one that is open stands in a docstring."""
    blocks: list[FencedLines] = []
    opened, language, indent = -1, "", 0
    for index in fences:
        if opened >= 0 and indent_of(lines[index]) > indent + 3:
            continue
        named = _language(lines[index])
        if opened >= 0:
            blocks.append(FencedLines(opened, index - 1, language, indent))
        opened, language = (index, named) if opened < 0 or named else (-1, "")
        indent = indent_of(lines[index])
    if opened >= 0:
        blocks.append(FencedLines(opened, len(lines) - 1, language, indent))
    return blocks


def _is_code(lines: Sequence[str], is_python: bool) -> bool:
    """Whether half of what a fence holds is Python, or any of it makes a network; else it was printed, or a command.

    Of a fence that says that it holds Python it is enough where any of it is. A list of heads alone is none.
    """
    statements = spans(lines)
    if statements and all(_HEAD.match(lines[one.first]) for one in statements):
        return False
    least = 1 if is_python else (len(statements) + 1) // 2
    return len(code_lines(lines)) >= least or makes_network("\n".join(lines))


def _is_python(lines: Sequence[str]) -> bool:
    """Whether a fence beside those of Python holds nothing else, or makes a network; if not, it is what was printed."""
    return parses("\n".join(lines)) is None or _has_network(lines)


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
