"""Text as a stranger pastes it -> a syntax tree of bounded size, and notes on what was done to the text first.

A text that is Python is read as it stands. Of any other those steps of cleaning are taken that leave less of it that is
no Python (`core.parsing.clean.steps`); what is Python already, they do not see within brackets and strings.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from core.parsing.clean.code_lines import faults
from core.parsing.clean.continued_classes import with_earlier_parts
from core.parsing.clean.foreign_lines import without_foreign
from core.parsing.clean.layout import (
    body_at_margin,
    indented_code,
    parses,
    with_commas,
    with_init,
    with_strings,
    without_cut_off,
    without_margins,
    without_prose,
    without_remarks,
    without_sentences,
)
from core.parsing.clean.loose_changes import refuse_late_additions, refuse_lone_parts, without_loose_parts
from core.parsing.clean.loose_methods import with_classes
from core.parsing.clean.lost_layout import with_indentation, with_lines
from core.parsing.clean.page.envelopes import unwrapped
from core.parsing.clean.page.marks.prefixes import without_colours
from core.parsing.clean.page.outputs import refuse_table, without_outputs
from core.parsing.clean.page.page_text import FENCED, PAGE, plain_lines, plain_signs
from core.parsing.clean.page.printed import unprinted
from core.parsing.clean.plain_modules import with_modules
from core.parsing.clean.steps import Step, by_text, take
from core.parsing.clean.syntax import MAX_CHARACTERS, check_text, tree_of
from core.parsing.clean.tabs import dedented, with_spaces
from core.parsing.clean.unfinished import CUT, OPEN_TRY, STUBS, with_ended_try, with_stubs, without_cut_end

__all__ = ["MAX_CHARACTERS", "clean_text", "read_tree"]


LEFT_OUT = "Sentences around the code were left out."
WRAPPED = 3  # times in one another, such as a numbered session within a quoted fence
COMMAS = "Commas that were missing between lines were put there."
PRINTED = (
    Step(by_text(with_spaces), is_mark=True, is_whole=True),
    Step(by_text(dedented), is_mark=True),
    Step(by_text(without_outputs), "What the code has printed was left out."),
    Step(by_text(unprinted), is_mark=True),
    Step(by_text(without_remarks), "Numbers of remarks at the end of lines were taken off."),
    Step(by_text(plain_signs), "Typographic signs were replaced by Python's.", is_mark=True),
)
REPAIRS = (
    Step(by_text(indented_code), LEFT_OUT),
    Step(by_text(with_strings), "Strings that were broken over lines were put together."),
    Step(by_text(without_margins), "Lines above the first method were moved to the margin."),
    Step(by_text(without_cut_off), "The lines above, whose own beginning is not in the text, were left out."),
    Step(by_text(body_at_margin), "The body of a function, whose head is not in the text, was moved to the margin."),
    Step(by_text(with_ended_try), OPEN_TRY),
    Step(by_text(without_cut_end), CUT),
    Step(by_text(lambda text: with_ended_try(without_cut_end(text))), f"{CUT} {OPEN_TRY}"),
    Step(by_text(with_commas), COMMAS),
    Step(by_text(with_lines), "The code stood in one line; its lines were put back."),
    Step(by_text(with_indentation), "The indentation was lost; it was put back."),
    Step(by_text(lambda text: with_indentation(with_lines(text))), "The lines and their indentation were put back."),
)


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
    text, modules = with_modules(text)
    tree, joined = with_earlier_parts(tree_of(text))
    tree, mended = with_classes(tree)
    if LEFT_OUT in notes or FENCED in notes:
        refuse_late_additions(tree)
        refuse_lone_parts(tree)
    tree, left_out = without_loose_parts(tree, text)
    return tree, text, (*notes, *modules, *joined, *mended, *left_out)


def clean_text(text: str) -> tuple[str, tuple[str, ...]]:
    """The text as Python, with as many lines, and sentences on what was done to it."""
    text = without_colours(text)
    check_text(text)
    text, notes = unwrapped(text)
    if parses(text) is None:
        return text, notes
    lines = plain_lines(text)
    for _ in range(WRAPPED):
        before = lines
        lines, taken = take((*PAGE, *PRINTED), lines)
        notes += taken
        if lines == before:
            break
    refuse_table("\n".join(lines))
    lines, taken = take(REPAIRS, lines, sees_all=True)
    text, notes = _without_sentences("\n".join(lines), notes + taken)
    return text, tuple(dict.fromkeys(notes))


def _without_sentences(text: str, notes: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The code of a text, if it is Python without the sentences around it; else the text as it is."""
    if parses(text) is None:
        return text, notes
    bare, had_prose = without_prose(text)
    if had_prose and parses(bare) is None:
        return bare, (*notes, LEFT_OUT)
    if parses(mended := with_indentation(bare)) is None:
        return mended, notes
    page = without_foreign(text)
    for code in (without_sentences(text), page):
        for mended, sentences in _mended(code):
            if parses(mended) is None:
                return mended, (*notes, LEFT_OUT, *sentences)
    is_clearer = faults(page.split("\n")) < faults(text.split("\n"))  # then what is refused is no sentence
    return page if is_clearer else text, notes


def _mended(code: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Code without sentences, repaired in one way after the other, and what was done besides."""
    for whole, cut in ((code, ()), (without_cut_end(code), (CUT,))):
        yield whole, cut
        yield with_indentation(whole), cut
        yield with_commas(whole), (*cut, COMMAS)
        yield with_commas(with_indentation(whole)), (*cut, COMMAS)
        yield with_stubs(whole), (*cut, STUBS)
