"""Text as a stranger pastes it -> a syntax tree of bounded size, and notes on what was done to the text first."""

from __future__ import annotations

import ast
import re

from core.parsing.clean.layout import (
    parses,
    with_commas,
    with_init,
    with_strings,
    without_cut_off,
    without_margins,
    without_prose,
    without_sentences,
)
from core.parsing.clean.loose_methods import with_classes
from core.parsing.clean.lost_layout import with_indentation, with_lines
from core.parsing.clean.page.envelopes import unwrapped
from core.parsing.clean.page.outputs import refuse_table, without_outputs
from core.parsing.clean.page.page_text import cleaned, plain_signs
from core.parsing.clean.page.printed import unprinted
from core.parsing.clean.quoted import indented_code, without_remarks
from core.parsing.clean.syntax import MAX_CHARACTERS, check_text, tree_of
from core.parsing.clean.tabs import with_spaces

__all__ = ["MAX_CHARACTERS", "clean_text", "read_tree"]

COMMAS = "Commas that were missing between lines were put there."
PRINTED = "What the code has printed was left out."
LEFT_OUT = "Sentences around the code were left out."


def read_tree(text: str) -> tuple[ast.Module, str, tuple[str, ...]]:
    """The syntax tree of pasted code, the cleaned text with the same line numbers, and notes.

    Raises: ParseError if the text is empty, too long, too deep, a table, or not Python.

    >>> len(read_tree(">>> a = 1\\n>>> b = 2")[0].body)
    2
    """
    text, notes = clean_text(text)
    restored = with_init(text)
    if restored != text:
        text, notes = restored, (*notes, "`__init__` had lost its underscores; they were put back.")
    tree, mended = with_classes(tree_of(text))
    return tree, text, (*notes, *mended)


def clean_text(text: str) -> tuple[str, tuple[str, ...]]:
    """The text as Python, with as many lines, and sentences on what was done to it."""
    check_text(text)
    code, notes = unwrapped(text)
    if parses(code) is None:
        return code, notes
    text, cleaning = cleaned(code)
    notes += cleaning
    refuse_table(text)
    text = _dedented(text)
    code = without_outputs(text)
    notes = (*notes, PRINTED) if code != text else notes
    text = unprinted(code)
    if parses(text) is None:
        return text, notes
    for mend, sentence in (
        (without_remarks, "Numbers of remarks at the end of lines were taken off."),
        (plain_signs, "Typographic signs were replaced by Python's."),
        (indented_code, LEFT_OUT),
        (with_strings, "Strings that were broken over lines were put together."),
        (without_margins, "Lines above the first method were moved to the margin."),
        (without_cut_off, "The lines above, whose own beginning is not in the text, were left out."),
        (with_commas, COMMAS),
        (with_lines, "The code stood in one line; its lines were put back."),
        (with_indentation, "The indentation was lost; it was put back."),
    ):
        mended = mend(text)
        if mended != text:
            text, notes = mended, (*notes, sentence)
        if parses(text) is None:
            return text, notes
    bare, had_prose = without_prose(text)
    if had_prose and parses(bare) is None:
        return bare, (*notes, LEFT_OUT)
    code = without_sentences(text)
    for mended, sentence in (
        (with_indentation(bare), ""),
        (code, LEFT_OUT),
        (with_indentation(code), LEFT_OUT),
        (with_commas(code), f"{LEFT_OUT} {COMMAS}"),
        (with_commas(with_indentation(code)), f"{LEFT_OUT} {COMMAS}"),
    ):
        if parses(mended) is None:
            return mended, (*notes, *([sentence] if sentence else []))
    return text, notes


def _dedented(text: str) -> str:
    """Without the indentation that all lines share, tabs as spaces; a first line may have none."""
    import textwrap

    text = textwrap.dedent(with_spaces(text))
    blank = re.match(r"(?: *\n)*", text)
    above, text = (blank[0], text[blank.end() :]) if blank else ("", text)
    return above + _without_margin(text)


def _without_margin(text: str) -> str:
    first, _, rest = text.partition("\n")
    lines = [line for line in rest.split("\n") if line.strip()]
    if first[:1] == " " and lines and lines[0][0] != " ":
        return f"{first.lstrip()}\n{rest}"
    margin = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    if (
        margin
        and first.strip()
        and not first.rstrip().endswith((":", "(", "[", ",", "{", "\\"))
        and first[0] not in " \t"
    ):
        return "\n".join([first, *(line[margin:] for line in rest.split("\n"))])
    return text
