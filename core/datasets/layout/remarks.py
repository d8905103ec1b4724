"""Sentences on how a source was understood: what was merged, assumed, set aside or is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from core.datasets.layout.choice import AUTO, REDRAW
from core.datasets.layout.folders.levels import BESIDE
from core.datasets.layout.folders.masks import MASK
from core.datasets.layout.folders.roles import role_of
from core.datasets.layout.listing import SPLITS
from core.datasets.layout.naming import counted, natural, quoted_list, same_class
from core.datasets.layout.outcome import Outcome
from core.datasets.layout.readings import FOLDERS

CLUTTER = ("background_google", "background", "clutter", "_background_noise_")


def remarks_on(outcome: Outcome) -> Iterator[str]:
    """One sentence for each thing that is not plain from the classes and their counts."""
    yield from outcome.evidence.skeleton.notes
    taken, choice = outcome.taken, outcome.choice
    if choice.reading not in (AUTO, taken.key if taken else ""):
        yield f"The reading {choice.reading!r} is not possible here and was passed over."
    if taken and taken.key != FOLDERS:
        yield f"{taken.title}."
    yield from _spellings(outcome)
    yield from _splits(outcome)
    yield from _unlabelled(outcome)
    yield from _left_out(outcome)
    yield from (f"The folder {path} holds no images: it is not used as a class." for path in empty_folders(outcome))
    yield from _classes(outcome)


def _spellings(outcome: Outcome) -> Iterator[str]:
    for name, forms in outcome.spellings.items():
        if len(set(map(repr, forms))) > len({form.casefold() for form in forms}) or len(set(forms)) > 1:
            yield f"The names {quoted_list(forms)} were merged into one class, {name!r}."


def _splits(outcome: Outcome) -> Iterator[str]:
    if outcome.choice.split == REDRAW:
        yield "The splits of the folders are not used: all images are split anew."
        return
    counts = Counter(outcome.split_of.values())
    if counts:
        totals = ", ".join(f"{split} {counts[split]:,}" for split in SPLITS if counts[split])
        yield f"The splits are used as they are given: {totals}."
    for split in (split for split in SPLITS if counts[split]):
        classes = {outcome.class_of[path] for path, its in outcome.split_of.items() if its == split}
        missing = sorted(set(outcome.class_of.values()) - classes, key=natural)
        if missing:
            yield f"The {split} images hold none of {quoted_list(missing)}."


def _unlabelled(outcome: Outcome) -> Iterator[str]:
    if outcome.unlabelled:
        where = quoted_list(sorted({_top(path) for path in outcome.unlabelled}))
        yield f"{counted(len(outcome.unlabelled), 'image')} in {where} without a class: set aside to be predicted."


def _left_out(outcome: Outcome) -> Iterator[str]:
    paths: dict[str, list[str]] = {}
    for path, reason in outcome.left_out.items():
        paths.setdefault(reason, []).append(path)
    for reason in (MASK, BESIDE, "without a class", "several classes"):
        if reason in paths:
            shown = quoted_list(sorted(paths[reason], key=natural), limit=2)
            yield f"{counted(len(paths[reason]), 'image')} left out, {reason}: {shown}."


def _classes(outcome: Outcome) -> Iterator[str]:
    for name in sorted(set(outcome.class_of.values()), key=natural):
        if name.lower() in CLUTTER:
            yield f"The class {name!r} holds images of anything: leave it out if it should not be a class."


def _top(path: str) -> str:
    return path.rsplit("/", 1)[0] if "/" in path else "the top folder"


def empty_folders(outcome: Outcome) -> list[str]:
    """Folders without a file, beside the class folders: a class whose images are missing.

    Where folders are the classes only; a class of that name in another split is none that is missing.
    """
    if outcome.taken is not None and outcome.taken.key != FOLDERS:
        return []
    used = {path.rsplit("/", count)[0] for path in outcome.contents.files for count in range(1, path.count("/") + 1)}
    known = set(map(same_class, outcome.class_of.values()))
    roots = {"/".join(root) for root in outcome.evidence.skeleton.roots}
    empty = {folder for folder in _tops(outcome.contents.folders, roots) if folder not in used}
    names = {folder: folder.rsplit("/", 1)[-1] for folder in empty}
    is_class = {
        folder: not name.startswith((".", "__")) and role_of(name) is None and same_class(name) not in known
        for folder, name in names.items()
    }
    return sorted((folder for folder in empty if is_class[folder]), key=natural)


def _tops(folders: Iterable[str], roots: set[str]) -> Iterator[str]:
    """The folders that lie directly in one of `roots`, whatever lies below them."""
    for folder in folders:
        for root in roots:
            start = f"{root}/" if root else ""
            if folder.startswith(start) and len(folder) > len(start):
                yield start + folder[len(start) :].split("/", 1)[0]
