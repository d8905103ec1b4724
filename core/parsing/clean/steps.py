"""A step of cleaning is taken where a text needs it: where less of the text is no Python afterwards."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from core.parsing.clean.code_lines import code_lines, faults, inner_lines


@dataclass(frozen=True)
class Step:
    """What is done to the lines of a text, and the sentence that says so.

    `is_mark`: it takes off what stands on every line, below which there may be more, such as numbers within prompts.
    So it is also taken where the text is as bad as before, unless most of the lines that it changes were Python.
    `is_whole`: it also sees what stands within brackets and strings of a statement that is Python already.
    """

    apply: Callable[[list[str]], list[str]]
    sentence: str = ""
    is_mark: bool = False
    is_whole: bool = False


def by_text(mend: Callable[[str], str]) -> Callable[[list[str]], list[str]]:
    """What is done to a text, as something that is done to its lines."""
    return lambda lines: mend("\n".join(lines)).split("\n")


def take(steps: Sequence[Step], lines: list[str], sees_all: bool = False) -> tuple[list[str], tuple[str, ...]]:
    """The lines after those steps that help, and their sentences.

    Args: `sees_all`: for steps that mend what Python's parser finds, which has to see all lines.

    >>> take([Step(lambda lines: lines[1:], "One line less.")], ["a b", "c = 1"])
    (['c = 1'], ('One line less.',))
    >>> take([Step(lambda lines: lines[1:], "One line less.")], ["a = b", "c d"])
    (['a = b', 'c d'], ())
    """
    notes: list[str] = []
    count, inner = faults(lines), {} if sees_all else inner_lines(lines)
    for step in steps:
        if not count:
            break
        after = _outside_of_statements(step, lines, inner)
        if after == lines:
            continue
        left = faults(after)
        if left < count or (left == count and step.is_mark and not _changes_code(lines, after)):
            lines, count, inner = after, left, {} if sees_all else inner_lines(after)
            notes += [step.sentence] if step.sentence else []
    return lines, tuple(notes)


def _changes_code(before: list[str], after: list[str]) -> bool:
    """Whether most of the lines that are another afterwards were Python: they had no mark, or only look as if."""
    if len(before) != len(after):
        return False
    good = code_lines(before)
    changed = [number for number, one in enumerate(after) if one.strip() != before[number].strip()]
    return sum(1 for number in changed if number in good) > len(changed) / 2


def _outside_of_statements(step: Step, lines: list[str], inner: Mapping[int, int]) -> list[str]:
    """A step that does not see what stands within brackets and strings of a statement that is Python already.

    It sees all where it changes every other line, for then it has to there too: the plus of a patch is none of a sum.
    """
    whole = step.apply(lines) if step.is_mark or step.is_whole or not inner else []
    if not inner or step.is_whole or (step.is_mark and len(whole) == len(lines) and _changes_all(lines, whole, inner)):
        return whole
    seen = ["" if number in inner else line for number, line in enumerate(lines)]
    after = step.apply(seen)
    if after == seen:
        return lines
    if len(after) != len(lines):
        return step.apply(lines)
    kept = {number for number, first in inner.items() if after[first].strip()}
    return [lines[number] if number in kept else line for number, line in enumerate(after)]


def _changes_all(before: list[str], after: list[str], inner: Collection[int]) -> bool:
    outside = (n for n, line in enumerate(before) if line.strip() and n not in inner)
    return all(before[n] != after[n] for n in outside)
