"""What the card of a dataset says: each sentence follows from what was understood."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence

from core.datasets import LayoutChoice, Understanding
from core.datasets.layout.choice import REDRAW
from core.datasets.layout.interpret import BY_CHOICE
from core.datasets.layout.listing import TEST, TRAIN, VALIDATION
from core.datasets.layout_report import examples_by_reason, unused
from playground.escaping import literal
from playground.units import counted

PARTS = {TRAIN: "training", VALIDATION: "validation", TEST: "test"}
EXAMPLES = 3


def headline(classes: int, images: int, left_out: int, unlabelled: int) -> dict[str, str]:
    """The figures of a dataset with what they count; those that are 0 are left out, but for classes and images.

    >>> headline(2, 1_200, 0, 0)
    {'classes': '2', 'images': '1,200'}
    """
    always = {"class" if classes == 1 else "classes": classes, "image" if images == 1 else "images": images}
    others = {"left out": left_out, "to predict": unlabelled}
    return {name: f"{count:,}" for name, count in (always | {k: v for k, v in others.items() if v}).items()}


def split_sentence(given: Collection[str], choice: LayoutChoice, has_test: bool) -> str:
    """Where the split comes from.

    Args: the splits that the source gives ("train", "validation", "test"), as they are used; `has_test` says whether
    the run sets test images aside.

    >>> split_sentence(["train", "test"], LayoutChoice(), True)
    'Training and test images as given; validation images are drawn from the training images.'
    """
    if not given:
        redrawn = choice.split == REDRAW
        return (
            "Split drawn anew, each class separately." if redrawn else "Split drawn at random, each class separately."
        )
    names = [PARTS[part] for part in PARTS if part in given]
    drawn = [PARTS[part] for part in (VALIDATION, TEST) if part not in given and (part == VALIDATION or has_test)]
    rest = f"; {listed(drawn)} images are drawn from the training images" if drawn and TRAIN in given else ""
    return f"{listed(names).capitalize()} images as given{rest}."


def listed(names: Sequence[str]) -> str:
    """
    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def left_out(understanding: Understanding, unreadable: Mapping[str, str]) -> dict[str, str]:
    """Path -> reason of the files that are not used, but for those of classes that somebody left out.

    `unreadable` are those that could not be decoded.
    """
    files = unused(understanding).items()
    return {path: reason for path, reason in files if reason != BY_CHOICE} | dict(unreadable)


def left_out_rows(understanding: Understanding, unreadable: Mapping[str, str]) -> list[tuple[str, int, str]]:
    """Why files are not used, how many for each reason, and some of their paths; the most frequent reason first."""
    reasons = examples_by_reason(left_out(understanding, unreadable))
    rows = [(reason, len(paths), _some(paths)) for reason, paths in reasons.items()]
    empty = understanding.empty
    return [*rows, *([("folder without images", len(empty), _some(empty))] if empty else [])]


def _some(paths: Sequence[str]) -> str:
    return ", ".join(paths[:EXAMPLES]) + (", …" if len(paths) > EXAMPLES else "")


def unlabelled_sentence(paths: Sequence[str]) -> str:
    """What becomes of images without a class; empty if there are none."""
    if not paths:
        return ""
    folders = {path.rpartition("/")[0] for path in paths}
    where = f" in **{literal(min(folders))}**" if len(folders) == 1 and min(folders) else ""
    return f"**{counted(len(paths), 'image')}**{where} without a class: set aside, to be predicted after a run."


def with_classes(choice: LayoutChoice, names: Sequence[str], kept: Collection[str]) -> LayoutChoice:
    """The choice that keeps just some of the classes `names`, said the shorter way.

    >>> with_classes(LayoutChoice(), ["a", "b", "c"], {"a", "b"})
    LayoutChoice(reading='auto', columns=None, dropped=('c',), only=(), split='given')
    """
    dropped, only = (tuple(n for n in names if (n in kept) == is_kept) for is_kept in (False, True))
    if len(dropped) <= len(only):
        return dataclasses.replace(choice, dropped=dropped, only=())
    return dataclasses.replace(choice, dropped=(), only=only)


def kept_classes(choice: LayoutChoice, names: Sequence[str]) -> set[str]:
    """Which of the classes `names` a choice keeps.

    >>> sorted(kept_classes(LayoutChoice(dropped=("b",)), ["a", "b", "c"]))
    ['a', 'c']
    """
    return {name for name in names if name not in choice.dropped and (not choice.only or name in choice.only)}
