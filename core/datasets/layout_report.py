"""What was understood of a source as text: one form for every command, before anything is decoded."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

from core.datasets.layout import LayoutChoice, Understanding
from core.datasets.layout.choice import AUTO, REDRAW
from core.datasets.layout.interpret import TABLE_FILE
from core.datasets.layout.listing import SPLITS
from core.datasets.layout.naming import counted

NAMED = 4  # classes named in a line


def report(understanding: Understanding, most: int | None = None) -> list[str]:
    """Classes as a table, then splits, what was left out and why, notes, and other readings; one line each.

    Args: at most `most` classes have a row; None gives one to each.
    """
    counts = understanding.class_counts
    lines = [f"{understanding.name}: {counted(len(counts), 'class')}, {counted(sum(counts.values()), 'image')}"]
    if counts:
        lines += _table(counts, understanding.split_counts, len(counts) if most is None else most)
    lines += _splits(understanding)
    lines += _left_out(understanding)
    lines += [f"Note: {note}" for note in understanding.notes]
    lines += _readings(understanding)
    return [*lines, *([understanding.refusal] if understanding.refusal else [])]


def class_rows(
    counts: Mapping[str, int], split_counts: Mapping[str, Mapping[str, int]]
) -> tuple[tuple[str, ...], list[tuple[str, tuple[int, ...]]]]:
    """The names of the columns, and per class its counts: one per given split, "no split" if any has none, and all.

    >>> class_rows({"cat": 3, "dog": 2}, {"train": {"cat": 2, "dog": 2}})
    (('train', 'no split', 'images'), [('cat', (2, 1, 3)), ('dog', (2, 0, 2))])
    """
    splits = [name for name in SPLITS if name in split_counts]
    named = {name: [split_counts[split].get(name, 0) for split in splits] for name in counts}
    rest = {name: count - sum(named[name]) for name, count in counts.items()} if splits else {}
    has_rest = any(rest.values())
    columns = (*splits, *(["no split"] if has_rest else []), "images")
    rows = [(name, (*named[name], *([rest[name]] if has_rest else []), count)) for name, count in counts.items()]
    return columns, rows


def reading_summary(title: str, counts: Mapping[str, int]) -> str:
    """A reading in a line: its title, how many classes, and some of them.

    >>> reading_summary("Innermost folders", {"wild": 3, "show": 2})
    'Innermost folders: 2 classes (wild 3, show 2)'
    """
    names = [f"{name} {count:,}" for name, count in counts.items()]
    some = ", ".join(names[:NAMED] + (["…"] if len(names) > NAMED else []))
    return f"{title}: {counted(len(counts), 'class')}" + (f" ({some})" if some else "")


def corrections(choice: LayoutChoice) -> str:
    """What somebody corrected, in a few words; empty if nothing.

    >>> corrections(LayoutChoice("leaf", dropped=("fox",), split="redraw"))
    'read as leaf, without fox, split redrawn'
    """
    parts = [
        f"read as {choice.reading}" if choice.reading != AUTO else "",
        f"columns {' and '.join(choice.columns)}" if choice.columns else "",
        f"only {_few(choice.only)}" if choice.only else "",
        f"without {_few(choice.dropped)}" if choice.dropped else "",
        "split redrawn" if choice.split == REDRAW else "",
    ]
    return ", ".join(part for part in parts if part)


def _few(names: Sequence[str]) -> str:
    """
    >>> _few(["a", "b"]), _few(list("abcde"))
    ('a and b', '5 classes')
    """
    if len(names) > NAMED:
        return counted(len(names), "class")
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def unused(understanding: Understanding) -> dict[str, str]:
    """Path -> reason of the files left out, without the tables that give the classes."""
    taken = next((one for one in understanding.readings if one.key == understanding.reading), None)
    gives_classes = taken is not None and taken.columns is not None
    return {
        path: reason for path, reason in understanding.left_out.items() if not (gives_classes and reason == TABLE_FILE)
    }


def examples_by_reason(left_out: Mapping[str, str]) -> dict[str, list[str]]:
    """The paths left out for each reason, the most frequent reason first.

    >>> examples_by_reason({"a.csv": "table", "b_mask.png": "mask", "c_mask.png": "mask"})
    {'mask': ['b_mask.png', 'c_mask.png'], 'table': ['a.csv']}
    """
    by_reason: dict[str, list[str]] = {}
    for path, reason in left_out.items():
        by_reason.setdefault(reason, []).append(path)
    return dict(sorted(by_reason.items(), key=lambda item: -len(item[1])))


def _table(counts: Mapping[str, int], split_counts: Mapping[str, Mapping[str, int]], most: int) -> Iterator[str]:
    columns, rows = class_rows(counts, split_counts)
    cells = [("class", columns), *((name, tuple(f"{n:,}" for n in numbers)) for name, numbers in rows[:most])]
    wide = max(len(name) for name, _ in cells)
    widths = [max(len(numbers[k]) for _, numbers in cells) for k in range(len(columns))]
    for name, numbers in cells:
        right = "  ".join(number.rjust(width) for number, width in zip(numbers, widths, strict=True))
        yield f"  {name.ljust(wide)}  {right}"
    if len(rows) > most:
        hidden = rows[most:]
        images = sum(numbers[-1] for _, numbers in hidden)
        yield f"  and {counted(len(hidden), 'more class')} with {counted(images, 'image')}"


def _splits(understanding: Understanding) -> Iterator[str]:
    if understanding.split_counts:
        totals = (f"{split} {sum(counts.values()):,}" for split, counts in understanding.split_counts.items())
        yield f"Split as given: {', '.join(totals)} (--split redraw draws a new one)"
    if understanding.unlabelled:
        yield f"To predict, without a class: {_with_example(len(understanding.unlabelled), understanding.unlabelled)}"


def _left_out(understanding: Understanding) -> Iterator[str]:
    for reason, paths in examples_by_reason(unused(understanding)).items():
        yield f"Left out, {reason}: {_with_example(len(paths), paths, 'file')}"
    for name in understanding.empty:
        yield f"Left out, a folder without images: {name}"


def _with_example(count: int, paths: Sequence[str], noun: str = "image") -> str:
    return f"{counted(count, noun)}, such as {paths[0]}" if count > 1 else f"{counted(count, noun)}, {paths[0]}"


def _readings(understanding: Understanding) -> Iterator[str]:
    others = [reading for reading in understanding.readings if reading.key != understanding.reading]
    if others:
        yield "It can also be read as:"
        for reading in others:
            yield f"  --reading {shlex.quote(reading.key)}: {reading_summary(reading.title, reading.class_counts)}"
