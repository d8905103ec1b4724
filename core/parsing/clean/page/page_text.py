"""Text as it comes off a web page, a notebook, a mail or a terminal -> Python text, line for line, with notes.

Every step is one pass over the lines. It is taken only where its signs are there, so that Python text stays as it is.
"""

from __future__ import annotations

import re

from core.parsing.clean.page.fences import between_quotes, out_of_fences, without_fences, without_stray_quotes
from core.parsing.clean.page.marks.conflicts import without_other_side
from core.parsing.clean.page.marks.line_marks import (
    without_cell_ends,
    without_frames,
    without_marks,
    without_quoting,
)
from core.parsing.clean.page.marks.line_numbers import (
    without_gutter,
    without_numbers,
    without_sparse_numbers,
)
from core.parsing.clean.page.marks.prefixes import (
    without_line_ends,
    without_lost_colours,
    without_prefixes,
    without_senders,
)
from core.parsing.clean.page.markup import without_captions, without_html
from core.parsing.clean.page.terminal import (
    with_print_calls,
    without_commands,
    without_prompts,
    without_tracebacks,
    without_warnings,
)
from core.parsing.clean.steps import Step

ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), None)
SPACES = {
    ord("\u00a0"): " ",
    ord("\u3000"): "  ",
    ord("\u2003"): "  ",
    ord("\u2002"): " ",
    ord("\u2009"): " ",
    0x0B: " ",
    0x0C: " ",
}
QUOTES = str.maketrans("“”„‟″‘’‚‛′`´", "\"\"\"\"\"'''''''")
FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    ord("、"): ",", ord("。"): ".", ord("【"): "[", ord("】"): "]", ord("《"): "<", ord("》"): ">", ord("…"): "...",
    ord("−"): "-", ord("–"): "-", ord("—"): "-", ord("×"): "*", ord("「"): '"', ord("」"): '"',
    ord("≠"): "!=", ord("≤"): "<=", ord("≥"): ">=", ord("→"): "->",
}  # fmt: skip
SIGNS = {code: sign.translate(QUOTES) for code, sign in FULL_WIDTH.items()} | QUOTES
STRING = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|([^'\"]+|['\"])")  # or, in a group, what is none
BOLD = re.compile(r"\*\*(init|call|name|main|len|getitem|file)\*\*")  # where a page took underscores for a mark
ESCAPED = re.compile(r"\\([_*\[\]<>#])")
KEYWORD = re.compile(  # at the beginning of a line, where a text editor writes a capital
    r"^([^\S\n]*)(?:(Import)(?= [\w., ]+$)|(From)(?= [\w.]+ import\b)|(Class)(?= \w+ ?[(:])|(Def)(?= \w+ ?\()"
    r"|(Return)(?= )|(For)(?= [\w, ]+ in .*:$)|(If|While|With)(?= .*:$)|(Else)(?=:$)|(Self)(?=\.\w)|(Super)(?=\())",
    re.MULTILINE,
)


def plain_lines(text: str) -> list[str]:
    """The lines of a text without a byte order mark and invisible signs, with plain spaces.

    >>> plain_lines("a\\r\\nb\\u00a0= 1")
    ['a', 'b = 1']
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u0085", "\n")
    return text.translate(ZERO_WIDTH).translate(SPACES).split("\n")


FENCED = "Only the code between the fences is read."
NUMBERS = "Line numbers were taken off."
PAGE = (
    Step(without_html, "HTML was replaced by what it shows.", is_mark=True),
    Step(without_senders, "Who sent a message, and when, was left out."),
    Step(without_other_side, "Of lines in conflict those above ======= are read."),
    Step(without_quoting, "Marks at the beginning of the lines were taken off.", is_mark=True),
    Step(out_of_fences, FENCED),
    Step(between_quotes, "Only the code between the quotes is read."),
    Step(without_stray_quotes, "Single backquotes within the code were left out."),
    Step(without_fences, "Code is read between the fences and outside of them."),
    Step(without_tracebacks, "The lines that an error printed were left out."),
    Step(without_warnings),
    Step(without_prompts, "Prompts were taken off.", is_mark=True),
    Step(without_commands, "Shell commands and notebook commands were left out."),
    Step(without_lost_colours),
    Step(without_line_ends, "The signs at the end of each line were taken off."),
    Step(without_frames, "Marks at the beginning and the end of the lines were taken off."),
    Step(without_cell_ends, "The bars at the end of the lines were taken off."),
    Step(without_prefixes, "What a tool wrote before each line was taken off.", is_mark=True),
    Step(without_numbers, NUMBERS, is_mark=True),
    Step(without_gutter, NUMBERS, is_mark=True, is_whole=True),
    Step(without_sparse_numbers, NUMBERS),
    Step(without_marks, "Marks at the beginning of the lines were taken off.", is_mark=True),
    Step(without_captions),
    Step(with_print_calls),
)


def plain_signs(text: str) -> str:
    r"""Typographic quotes, full-width signs, signs with Markdown's marks and capitals as Python writes them.

    >>> plain_signs("Import torch\nf（“a”，1）")
    'import torch\nf("a",1)'
    >>> plain_signs("def **init**(self, in\\_channels):")
    'def __init__(self, in_channels):'
    """
    text = STRING.sub(lambda match: match[0] if match[1] is None else match[0].translate(SIGNS), text)
    text = BOLD.sub(r"__\1__", ESCAPED.sub(r"\1", text))
    return KEYWORD.sub(lambda match: match[0].lower(), text)
