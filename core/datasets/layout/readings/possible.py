"""The ways in which a layout can be read, and which of them is taken unless somebody chooses another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.datasets.layout.choice import AUTO
from core.datasets.layout.folders.levels import Position
from core.datasets.layout.folders.roles import IMAGES, PREDICT
from core.datasets.layout.listing import TRAIN
from core.datasets.layout.naming import quoted_list, same_class, words_of
from core.datasets.layout.readings.beside import labelled_beside
from core.datasets.layout.readings.evidence import Evidence
from core.datasets.layout.readings.file_names import capital_classes, classes_in_names, first_words, number_classes
from core.datasets.layout.readings.split_names import without_splits
from core.datasets.layout.tables.columns import ONE_HOT

FOLDERS, LEAF, NAMES, WORDS, CAPITALS, WHOLE, TABLE, TOP, RENAMED = (
    *("folders", "leaf", "names", "words", "capitals", "whole", "table", "top", "renamed"),
)
SHARDS = 16  # folders named by hexadecimal digits that are no classes
FURTHER = {2: "one level", 3: "two levels"}  # the deepest levels that are offered as classes
NUMBERED = re.compile(r"(?:n\d{8}|\d{3})[-._ ]+(?=\D)")  # n02085620-Chihuahua, 001.Black_footed_Albatross


@dataclass(frozen=True)
class ClassReading:
    """Image -> class by one reading, as names are written there; `columns` if a table says it.

    `split_of` is image -> split where the names of the files say both.
    """

    key: str
    title: str
    class_of: Mapping[str, str]
    columns: tuple[str, str] | None = None
    split_of: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_of_table(self) -> bool:
        """Whether the classes are those of the table, under its own names or others."""
        return self.key in (TABLE, f"{TABLE} {RENAMED}")

    @property
    def class_keys(self) -> frozenset[str]:
        return frozenset(map(same_class, set(self.class_of.values())))


def assignments_of(evidence: Evidence) -> dict[str, ClassReading]:
    """All readings that give two classes, by their keys."""
    possible = (*_by_folders(evidence), *_by_tables(evidence), *_by_names(evidence))
    kept: dict[str, ClassReading] = {}
    for assignment in possible:
        classes, images = len(assignment.class_keys), len(assignment.class_of)
        if classes > 1 and (classes < images or assignment.key == FOLDERS):
            kept.setdefault(assignment.key, assignment)
    return kept


def different(assignments: Iterable[ClassReading], taken: ClassReading | None) -> list[ClassReading]:
    """The readings that differ from each other in more than spelling, the one that is taken first."""
    kept: list[ClassReading] = []
    seen: list[dict[str, str]] = []
    for assignment in (*([taken] if taken else []), *assignments):
        keys = {path: same_class(name) for path, name in assignment.class_of.items()}
        if keys not in seen:
            kept.append(assignment)
            seen.append(keys)
    return kept


def chosen_assignment(evidence: Evidence, assignments: Mapping[str, ClassReading], reading: str) -> ClassReading | None:
    """The reading of that key if it is possible here, else the likeliest one; None if there is none.

    Folders are the classes if there are two. A table comes next, then names; folders that are numbered parts of one
    set, or numbers that disagree with a table, only if nothing else is left.
    """
    if reading != AUTO and reading in assignments:
        return assignments[reading]
    order = [FOLDERS, TABLE, NAMES]
    if _are_numbers_for_names(assignments):
        order = [FOLDERS, NAMES, TABLE]
    if evidence.skeleton.are_batches or _disagrees(assignments):
        order = [TABLE, NAMES, FOLDERS]
    return next((assignments[key] for key in order if key in assignments), None)


def _disagrees(assignments: Mapping[str, ClassReading]) -> bool:
    """Whether folders that say little hold images that a table puts into other classes: numbers, or an image each."""
    folders, table = assignments.get(FOLDERS), assignments.get(TABLE)
    if not folders or not table or len(table.class_of) < 0.9 * len(folders.class_of):
        return False
    pairs = {(name, table.class_of[path]) for path, name in folders.class_of.items() if path in table.class_of}
    names = set(folders.class_of.values())
    if len(folders.class_of) < 2 * len(names):
        return len(set(table.class_of.values())) < len(names)
    is_shard = all(map(str.isdecimal, names)) or (
        len(names) >= SHARDS and all(re.fullmatch(r"[0-9a-f]{1,3}", name) for name in names)
    )
    return is_shard and len(pairs) > len({name for name, _ in pairs})


def _are_numbers_for_names(assignments: Mapping[str, ClassReading]) -> bool:
    """Whether a table gives each class a number, and the file names give it a name."""
    table, names = assignments.get(TABLE), assignments.get(NAMES)
    if not table or not names or not all(name.isdecimal() for name in set(table.class_of.values())):
        return False
    pairs = {(name, table.class_of.get(path)) for path, name in names.class_of.items()}
    return len(pairs) == len(set(names.class_of.values())) == len({number for _, number in pairs})


def _by_folders(evidence: Evidence) -> Iterable[ClassReading]:
    positions = {path: at for path, at in evidence.skeleton.positions.items() if at.folders and at.split != PREDICT}
    base = {path: at.folders[0] for path, at in positions.items()}
    beside = labelled_beside(evidence, base)
    yield ClassReading(FOLDERS, "Each folder is a class", {**base, **beside})
    inner = {path: _own_folders(at) for path, at in positions.items()}
    deepest = min(max(FURTHER), max(map(len, inner.values()), default=0))
    for level in range(2, deepest + 1):
        class_of = {path: names[min(level, len(names)) - 1] for path, names in inner.items()}
        title = f"The folders {FURTHER[level]} further in are the classes"
        yield ClassReading(f"level{level}", title, {**class_of, **beside})
    innermost = {path: names[-1] for path, names in inner.items()}
    yield ClassReading(LEAF, "The innermost folders are the classes", {**innermost, **beside})
    plain = {path: at.folders[0] for path, at in evidence.plain.positions.items() if at.folders}
    yield ClassReading(TOP, f"The folders {quoted_list(sorted(set(plain.values())))} are the classes", plain)
    yield from _renamed(evidence, {**base, **beside})


def _own_folders(position: Position) -> list[str]:
    """The folders from the class on, without those below it that are just called images."""
    return [*position.folders[:1], *(name for name in position.folders[1:] if "".join(words_of(name)) not in IMAGES)]


def _renamed(evidence: Evidence, class_of: Mapping[str, str]) -> Iterable[ClassReading]:
    """Other names for the folders: from a table, or without the number in front."""
    classes = set(class_of.values())
    if len(classes) < 2:
        return
    if named := evidence.names_for(classes):
        path, name_of = named
        renamed = {path: name_of.get(name, name) for path, name in class_of.items()}
        yield ClassReading(RENAMED, f"Each folder is a class, named by {path.rsplit('/', 1)[-1]}", renamed)
    if all(NUMBERED.match(name) for name in classes):
        renamed = {path: NUMBERED.sub("", name, count=1) for path, name in class_of.items()}
        yield ClassReading(RENAMED, "Each folder is a class, without the number in front", renamed)


def _by_tables(evidence: Evidence) -> Iterable[ClassReading]:
    if (labels := evidence.labels) is None:
        return
    names = quoted_list([path.rsplit("/", 1)[-1] for path in labels.paths])
    for column, class_of in {labels.columns[1]: labels.class_of, **labels.others}.items():
        key = TABLE if column == labels.columns[1] else f"{TABLE} {column}"
        title = "one column for each class" if column == ONE_HOT else f"column {column!r}"
        inside = {path: name for path, name in class_of.items() if path in evidence.skeleton.positions}
        yield ClassReading(key, f"The classes are in {names}, {title}", inside, (labels.columns[0], column))
    for subject, class_of in labels.other_tables.items():
        inside = {path: name for path, name in class_of.items() if path in evidence.skeleton.positions}
        yield ClassReading(f"{TABLE} {subject}", f"The classes are in the tables {subject}", inside)
    if named := evidence.names_for(set(labels.class_of.values())):
        path, name_of = named
        inside = {path: name for path, name in labels.class_of.items() if path in evidence.skeleton.positions}
        renamed = {image: name_of.get(name, name) for image, name in inside.items()}
        title = f"The classes are in {names}, named by {path.rsplit('/', 1)[-1]}"
        yield ClassReading(f"{TABLE} {RENAMED}", title, renamed)


def _by_names(evidence: Evidence) -> Iterable[ClassReading]:
    names = evidence.flat_names
    class_of = classes_in_names(names)
    if not class_of and len(labelled := _without_unlabelled(evidence, names)) < len(names):
        class_of = classes_in_names(labelled)
    whole = class_of
    parted, split_of = without_splits(whole)
    class_of = parted or whole
    if class_of and not _is_told_by_folders(evidence, class_of):
        path = next(iter(class_of))
        beside = " beside the split" if split_of else ""
        title = f"The class is in the file name{beside}, such as {class_of[path]!r} in {names[path]}"
        yield ClassReading(NAMES, title, class_of, split_of=split_of)
        if words := first_words(class_of):
            title = f"The first word of the file name{beside} is the class, such as {words[path]!r} in {names[path]}"
            yield ClassReading(WORDS, title, words, split_of=split_of)
        title = "Capital or small first letter of the file name"
        yield ClassReading(CAPITALS, title, capital_classes(class_of), split_of=split_of)
        if split_of:
            title = f"The class is all of the file name, such as {whole[path]!r} in {names[path]}"
            yield ClassReading(WHOLE, title, whole)
    are_folders = any(position.folders for position in evidence.skeleton.positions.values())
    if are_folders and not evidence.skeleton.are_batches:
        return
    for place, values in number_classes(names).items():
        title = f"Number {place + 1} in the file name is the class, such as {next(iter(values.values()))}"
        yield ClassReading(f"number{place + 1}", title, values)


def _is_told_by_folders(evidence: Evidence, class_of: Mapping[str, str]) -> bool:
    """Whether folders tell the classes apart, and a word in the file names does not go across them, or is a split."""
    positions = evidence.skeleton.positions
    splits = {(positions[path].split, name) for path, name in class_of.items()}
    if len({split for split, _ in splits}) > 1 and len(splits) == len({name for _, name in splits}):
        return True
    pairs = {(positions[path].folders[:1], name) for path, name in class_of.items()}
    is_single = any(count == 1 for count in Counter(name for _, name in pairs).values())
    return is_single and len({folder for folder, _ in pairs}) > 1 and not evidence.skeleton.are_batches


def _without_unlabelled(evidence: Evidence, names: Mapping[str, str]) -> dict[str, str]:
    """The names outside of folders for testing, whose images often have no class."""
    positions = evidence.skeleton.positions
    return {path: name for path, name in names.items() if positions[path].split in (None, TRAIN)}
