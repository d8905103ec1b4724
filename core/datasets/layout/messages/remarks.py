"""Sentences on how a source was understood: what was merged, assumed or is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from core.datasets.layout.choice import AUTO
from core.datasets.layout.folders.roles import IMAGES, role_of
from core.datasets.layout.listing import SPLITS
from core.datasets.layout.messages.outcome import Outcome
from core.datasets.layout.naming import counted, natural, printable, quoted_list, same_class, words_of
from core.datasets.layout.readings.file_names import COPY
from core.datasets.layout.readings.possible import FOLDERS
from core.datasets.layout.tables.columns import is_named_label
from core.images.signatures import READ, kind_of

NAMELESS = re.compile(  # a date, or what a file manager calls a new folder
    r"(19|20)\d\d[-_. ]?\d\d?[-_. ]?\d\d?|(new|untitled) folder( ?\(?\d+\)?)?", re.IGNORECASE
)
FEW_LISTED = "do not share them out into one training set and one for validation or test"
MANY_NUMBERS = 10  # classes that are numbers, from which on they may be amounts
NUMBER = re.compile(r"-?\d+(\.\d+)?")
REPEATED = 2.0  # times that the words of classes occur on average, where classes are combinations of words
INSTEAD = ("npy", "npz", "mp4", "mov", "avi", "mkv", "webm", "zip", "pdf", "dat")  # where images are expected
LOOKED_AT = 20  # images, to see in which formats they are
CLUTTER = ("background_google", "background", "clutter", "_background_noise_")


def remarks_on(outcome: Outcome) -> Iterator[str]:
    """One sentence for each thing that is not plain from the classes and their counts."""
    yield from outcome.evidence.skeleton.notes
    taken, choice = outcome.taken, outcome.choice
    if choice.reading not in (AUTO, taken.key if taken else ""):
        yield f"The reading {choice.reading!r} is not possible here and was passed over."
    yield from _unknown_names(outcome)
    if taken and taken.key != FOLDERS:
        yield f"{taken.title}."
    yield from _tables(outcome)
    yield from _spellings(outcome)
    yield from _inner_folders(outcome)
    yield from _splits(outcome)
    yield from _classes(outcome)
    yield from _undecodable(outcome)


def _tables(outcome: Outcome) -> Iterator[str]:
    """What else the table says, and the rows that mean no image."""
    taken, labels = outcome.taken, outcome.evidence.labels
    if labels is None or taken is None or not taken.is_of_table:
        return
    if labels.flags:
        yield (
            f"The columns {quoted_list(list(labels.flags))} say yes or no each, and several may be true: "
            f"only {labels.columns[1]!r} counts here, and another reading takes another column."
        )
    elif outcome.choice.columns is None and len(labels.others) > 1:
        yield f"Other columns could be the classes, too: {quoted_list(list(labels.others))}."
    if labels.other_tables:
        yield f"Other tables give these images other classes: {quoted_list(list(labels.other_tables))}."
    yield from _kinds_of_cells(outcome)
    if labels.missing:
        rows = counted(len(labels.missing), "row")
        verb = "names" if len(labels.missing) == 1 else "name"
        where = quoted_list([path.rsplit("/", 1)[-1] for path in labels.paths])
        yield f"{rows} of {where} {verb} no image here, or several, such as {labels.missing[0]!r}."


def _kinds_of_cells(outcome: Outcome) -> Iterator[str]:
    """That numbers, or cells of several words that come in other cells, too, are taken for classes."""
    labels, names = outcome.evidence.labels, sorted(set(outcome.class_of.values()), key=natural)
    if (
        labels
        and len(names) >= MANY_NUMBERS
        and all(map(NUMBER.fullmatch, names))
        and not is_named_label(labels.columns[1])
    ):
        yield (
            f"The {len(names):,} classes are numbers such as {names[0]!r} and {names[-1]!r}: if these are amounts, "
            "put them into a few groups, for each number is a class of its own here."
        )
    parts = [name.split() for name in names]
    several = [words for words in parts if len(words) > 1]
    if 2 * len(several) > len(parts) and sum(map(len, several)) >= REPEATED * len(
        {word for words in several for word in words}
    ):
        yield (
            f"The cells {quoted_list(names, limit=2)} seem to hold several classes each: every combination is a class "
            "of its own here."
        )


def _undecodable(outcome: Outcome) -> Iterator[str]:
    """Formats that are not read, by the first image of each of some classes."""
    firsts: dict[str, str] = {}
    for path, name in outcome.class_of.items():
        firsts.setdefault(name, path)
    paths = list(firsts.values())
    seen: dict[str, str] = {}
    for path in paths[:: max(1, len(paths) // LOOKED_AT)]:
        kind = kind_of(outcome.contents.files[path].head())
        if kind is not None and kind not in READ and kind.name not in seen:
            seen[kind.name] = path
            yield f"{path} is {kind.reason}, which is not read here: {kind.way_out}."


def _unknown_names(outcome: Outcome) -> Iterator[str]:
    """Classes and columns of the choice that the source does not have."""
    choice, taken, labels = outcome.choice, outcome.taken, outcome.evidence.labels
    known = set(map(same_class, taken.class_of.values())) if taken else set()
    unknown = [name for name in dict.fromkeys((*choice.only, *choice.dropped)) if same_class(name) not in known]
    if taken and unknown:
        passed_over = "it was" if len(unknown) == 1 else "they were"
        yield f"No class is called {quoted_list(unknown)}: {passed_over} passed over."
    if choice.columns and (labels is None or labels.columns != choice.columns):
        yield f"No table has classes in the columns {quoted_list(list(choice.columns))}: they were passed over."


def _spellings(outcome: Outcome) -> Iterator[str]:
    for name, forms in outcome.spellings.items():
        if len(set(map(printable, forms))) > 1:
            yield f"The names {quoted_list(forms)} were merged into one class, {name!r}."
        else:
            ways = f"{len(forms)} ways that differ only in blanks or in how accents are stored"
            yield f"{name!r} is written in {ways}: they were merged into one class."


def _inner_folders(outcome: Outcome) -> Iterator[str]:
    """An example of folders that lie inside a class."""
    if outcome.taken is None or outcome.taken.key != FOLDERS:
        return
    inside: dict[str, set[str]] = {}
    for path, name in outcome.class_of.items():
        folders = outcome.evidence.skeleton.positions[path].folders
        if len(folders) > 1 and "".join(words_of(folders[1])) not in IMAGES:
            inside.setdefault(name, set()).add(folders[1])
    if len(inside) > 1 and len(set(map(frozenset, inside.values()))) == 1:
        names, inner = sorted(inside, key=natural), sorted(next(iter(inside.values())), key=natural)
        yield (
            f"The folders {quoted_list(names)} hold the same folders, {quoted_list(inner)}: "
            "if those are the classes, choose the reading one level further in."
        )
        return
    known = set(map(same_class, set(outcome.class_of.values())))
    copies = {
        name: sorted(folders, key=natural)
        for name, folders in inside.items()
        if len(folders) > 1 and known.issuperset(map(same_class, folders))
    }
    for name, repeated in copies.items():
        yield (
            f"The folder {name!r} holds folders named like the classes, {quoted_list(repeated)}: "
            "leave the class out if it is no class of its own, or choose the reading one level further in."
        )
    for name in sorted(set(outcome.class_of.values()), key=natural):
        if splits := _inner_splits(outcome, name):
            yield (
                f"The folder {name!r} holds folders named like parts of a dataset, {quoted_list(splits)}: "
                "if that is the dataset, give this folder alone."
            )
            return
    if not copies and inside:
        name = min(inside, key=natural)
        yield f"Folders inside a class belong to it, such as {quoted_list(sorted(inside[name]))} to {name!r}."


def _inner_splits(outcome: Outcome, name: str) -> list[str]:
    """Folders inside a class that are called train and test, if there are two such splits."""
    positions = outcome.evidence.skeleton.positions
    folders = (positions[path].folders[1:] for path, own in outcome.class_of.items() if own == name)
    roles = {inner: role.split for inner in {one for each in folders for one in each} if (role := role_of(inner))}
    return sorted(roles, key=natural) if len(set(roles.values())) > 1 else []


def _splits(outcome: Outcome) -> Iterator[str]:
    """Classes without an image in a split that is given, images in none, and lists that share out too few."""
    if outcome.unused_lists:
        names = quoted_list([path.rsplit("/", 1)[-1] for path in outcome.unused_lists])
        yield (
            f"{names} {'list' if len(outcome.unused_lists) > 1 else 'lists'} images, but {FEW_LISTED}: "
            "to use them as a split, put these images into folders called train, validation and test."
        )
    without = len(outcome.class_of) - len(outcome.split_of) if outcome.split_of else 0
    if without:
        verb = "is" if without == 1 else "are"
        yield f"{counted(without, 'image')} {verb} in no part of the given split and {verb} taken for training."
    classes: dict[str, set[str]] = {}
    for path, split in outcome.split_of.items():
        classes.setdefault(split, set()).add(outcome.class_of[path])
    for split in (split for split in SPLITS if split in classes):
        missing = sorted(set(outcome.class_of.values()) - classes[split], key=natural)
        if missing:
            yield f"The {split} images hold none of {quoted_list(missing)}."


def _classes(outcome: Outcome) -> Iterator[str]:
    names = set(outcome.class_of.values())
    for name in sorted(names, key=natural):
        if (of := COPY.sub("", name)) != name and same_class(of) in map(same_class, names):
            yield f"The class {name!r} is called a copy of {of!r}: leave it out if it is one."
    if names and all(map(NAMELESS.fullmatch, names)):
        shown = quoted_list(sorted(names, key=natural))
        yield f"Each of {shown} is taken for a class, though the names say nothing of one."
    yield from _without_images(outcome)
    for name in sorted(names, key=natural):
        if name.lower() in CLUTTER:
            yield f"The class {name!r} holds images of anything: leave it out if it should not be a class."


def _without_images(outcome: Outcome) -> Iterator[str]:
    """Folders beside the class folders in which videos or arrays lie instead of images."""
    if outcome.taken is None or outcome.taken.key != FOLDERS:
        return
    roots = {"/".join(root) for root in outcome.evidence.skeleton.roots}
    used = set(_tops(outcome.evidence.skeleton.positions, roots))
    kinds: dict[str, list[str]] = {}
    for path in outcome.contents.files:
        if path.rpartition(".")[2].lower() in INSTEAD:
            for folder in _tops([path.rpartition("/")[0]], roots):
                kinds.setdefault(folder, []).append(path)
    for folder in sorted(kinds.keys() - used, key=natural):
        files = f"{counted(len(kinds[folder]), 'file')} such as {kinds[folder][0].rsplit('/', 1)[-1]}"
        yield f"The folder {folder!r} holds no images that can be read, but {files}: it is no class."


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
