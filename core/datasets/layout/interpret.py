"""From the files of a source to labelled candidates."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping

from core.datasets.layout.choice import REDRAW, LayoutChoice
from core.datasets.layout.file_names import classes_in_names
from core.datasets.layout.folders.levels import BESIDE, plain_skeleton, skeleton_of
from core.datasets.layout.folders.masks import masks_of
from core.datasets.layout.folders.mixtures import untangle
from core.datasets.layout.folders.tree import tree_of
from core.datasets.layout.listing import SPLITS, TRAIN, Candidate, LayoutReading, Listing, SourceContents
from core.datasets.layout.naming import natural, path_parts, printable, same_class
from core.datasets.layout.outcome import Outcome
from core.datasets.layout.readings import (
    FOLDERS,
    NAMES,
    TABLE,
    TOP,
    ClassReading,
    Evidence,
    assignments_of,
    chosen_assignment,
    different,
)
from core.datasets.layout.refusal import refusal_of
from core.datasets.layout.remarks import empty_folders, remarks_on
from core.datasets.layout.tables.labels import table_labels, tables_of
from core.datasets.layout.tables.split_lists import listed_splits
from core.images import could_be_image

SYSTEM, OTHER, TABLE_FILE = "system file", "not an image", "a table"
OUTSIDE = "its path leads out of the folder"
NO_CLASS, SEVERAL, BY_CHOICE = "without a class", "several classes", "class left out by choice"


def interpret(contents: SourceContents, choice: LayoutChoice | None = None) -> Listing:
    """The class and the split of every image, by folders, a table or file names, and what is left out and why.

    `choice` corrects what is taken; a reading that is not possible here is passed over with a note.
    """
    choice = choice or LayoutChoice()
    images, left_out = _sorted_out(contents)
    masks = masks_of(tree_of(images))
    images = {path: parts for path, parts in images.items() if path not in masks}
    evidence = _evidence(contents, images, choice)
    assignments = assignments_of(evidence)
    taken = chosen_assignment(evidence, assignments, choice.reading)
    if taken and taken.key == TOP:
        evidence = dataclasses.replace(evidence, skeleton=evidence.plain)
    class_of, spellings = _merged(_with_unlabelled(evidence, taken) if taken else _single_class(evidence))
    readings = tuple(_readings(assignments, taken, class_of))
    kept = _wanted(class_of, choice)
    outcome = Outcome(
        contents=contents,
        choice=choice,
        evidence=evidence,
        taken=taken,
        class_of=kept,
        split_of=_splits(contents, evidence, taken, kept, choice),
        spellings=spellings,
        left_out=left_out | masks | _tables(evidence) | dict.fromkeys(class_of.keys() - kept.keys(), BY_CHOICE),
    )
    _sort_unassigned(outcome)
    return _listing(outcome, readings)


def _sorted_out(contents: SourceContents) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """The parts of every image's path, in natural order, and the reason for each other file."""
    images: dict[str, tuple[str, ...]] = {}
    others = dict(contents.left_out)
    for path in sorted(contents.files, key=natural):
        parts = path_parts(path)
        if not parts:
            others[path] = OUTSIDE
        elif could_be_image("/".join(parts), contents.files[path].head):
            images[path] = parts
        else:
            is_system = any(part.startswith((".", "__MACOSX")) for part in parts)
            others[path] = SYSTEM if is_system or parts[-1].lower() in ("thumbs.db", "desktop.ini") else OTHER
    return images, others


def _tables(evidence: Evidence) -> dict[str, str]:
    return {table.path: TABLE_FILE for table in evidence.tables}


def _evidence(contents: SourceContents, images: Mapping[str, tuple[str, ...]], choice: LayoutChoice) -> Evidence:
    root = tree_of(images)
    tables = tuple(tables_of(contents)) if images else ()
    labels = table_labels(contents, tables, images, choice.columns)
    return Evidence(untangle(skeleton_of(root)), plain_skeleton(root), tables, labels)


def _single_class(evidence: Evidence) -> dict[str, str]:
    """Where nothing tells two classes apart: the folder that all images lie in, to be named in the refusal."""
    skeleton = evidence.skeleton
    above = next((root[-1] for root in skeleton.roots if root), "")
    names = {path: at.folders[0] if at.folders else above for path, at in skeleton.positions.items()}
    is_one = len({same_class(name) for name in names.values()}) == 1
    return {path: name for path, name in names.items() if name} if is_one and not skeleton.has_splits else {}


def _with_unlabelled(evidence: Evidence, taken: ClassReading) -> dict[str, str]:
    """The classes of a reading by folders, and of images in flat folders beside them, where a table or names tell."""
    if taken.key != FOLDERS:
        return dict(taken.class_of)
    positions = evidence.skeleton.positions
    rest = {path: at for path, at in positions.items() if path not in taken.class_of and at.split in SPLITS}
    keys = {key: name for name in sorted(set(taken.class_of.values())) for key in (same_class(name), _number(name))}
    table = evidence.labels.class_of if evidence.labels else {}
    in_table = {path: table[path] for path in rest if path in table}
    in_names = classes_in_names({path: path.rsplit("/", 1)[-1] for path in rest})
    for labels in (in_table, in_names):
        known = {path: keys[key] for path, name in labels.items() for key in (_key(name, keys),) if key}
        if known and len(known) >= 0.9 * len(labels):
            return {**taken.class_of, **known}
    return dict(taken.class_of)


def _key(name: str, keys: Mapping[str, str]) -> str:
    return next((key for key in (same_class(name), _number(name)) if key in keys), "")


def _number(name: str) -> str:
    """The name, or a number without zeros in front: a table may say 7 where the folder is 00007."""
    return name.lstrip("0") or "0" if name.isdecimal() else same_class(name)


def _merged(class_of: Mapping[str, str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Image -> class as it is shown, and class -> the spellings that were merged into it, where there are several.

    The spelling of most images is shown.
    """
    spellings: dict[str, Counter[str]] = {}
    for name, count in Counter(class_of.values()).items():
        spellings.setdefault(same_class(name), Counter())[name] += count
    shown = {key: printable(_most_used(counts)) for key, counts in spellings.items()}
    several = {shown[key]: sorted(counts, key=natural) for key, counts in spellings.items() if len(counts) > 1}
    keys = {name: same_class(name) for name in set(class_of.values())}
    return {path: shown[keys[name]] for path, name in class_of.items()}, several


def _most_used(counts: Counter[str]) -> str:
    return min(counts, key=lambda name: (-counts[name], natural(name)))


def _wanted(class_of: Mapping[str, str], choice: LayoutChoice) -> dict[str, str]:
    only, dropped = (frozenset(map(same_class, names)) for names in (choice.only, choice.dropped))
    keys = {name: same_class(name) for name in set(class_of.values())}
    kept = {name for name, key in keys.items() if (not only or key in only) and key not in dropped}
    return {path: name for path, name in class_of.items() if name in kept}


def _splits(
    contents: SourceContents,
    evidence: Evidence,
    taken: ClassReading | None,
    class_of: Mapping[str, str],
    choice: LayoutChoice,
) -> dict[str, str]:
    """Image -> split: by folders, else by a table, else by lists; nothing unless there are two splits."""
    positions = evidence.skeleton.positions
    by_folders = {path: split for path in class_of if (split := positions[path].split) in SPLITS}
    by_table = evidence.labels.split_of if evidence.labels else {}
    candidates: list[Mapping[str, str]] = [by_folders, by_table]
    if taken and taken.key == TABLE:
        candidates.reverse()
    for split_of in candidates:
        known = {path: split for path, split in split_of.items() if path in class_of}
        if len(set(known.values())) > 1:
            return {} if choice.split == REDRAW else known
    _, listed = listed_splits(contents, {path: tuple(path.split("/")) for path in class_of})
    return {} if choice.split == REDRAW else listed


def _sort_unassigned(outcome: Outcome) -> None:
    """Images without a class are to be predicted if their folder or a table says so, else they are left out."""
    evidence, taken = outcome.evidence, outcome.taken
    outcome.left_out.update(evidence.skeleton.aside)
    several = evidence.labels.several if evidence.labels and taken and taken.key == TABLE else frozenset()
    for path, position in evidence.skeleton.positions.items():
        if path in outcome.class_of or path in outcome.left_out:
            continue
        if path in several:
            outcome.left_out[path] = SEVERAL
        elif taken and (position.split not in (None, TRAIN) or taken.key == TABLE):
            outcome.unlabelled.append(path)
        else:
            outcome.left_out[path] = BESIDE if taken and taken.key != NAMES else NO_CLASS


def _listing(outcome: Outcome, readings: tuple[LayoutReading, ...]) -> Listing:
    files, taken = outcome.contents.files, outcome.taken
    candidates = [
        Candidate(path, name, files[path].read, files[path].stamp, outcome.split_of.get(path))
        for path, name in outcome.class_of.items()
    ]
    rank = {path: number for number, path in enumerate(sorted({*files, *outcome.left_out}, key=natural))}
    candidates.sort(key=lambda candidate: (candidate.class_name, rank[candidate.path]))
    ignored = tuple(sorted(outcome.left_out, key=rank.__getitem__))
    labels = outcome.evidence.labels
    return Listing(
        name=outcome.contents.name,
        candidates=tuple(candidates),
        ignored=ignored,
        unlabelled=tuple(
            Candidate(path, "", files[path].read, files[path].stamp)
            for path in sorted(outcome.unlabelled, key=rank.__getitem__)
        ),
        left_out={path: outcome.left_out[path] for path in ignored},
        empty=tuple(empty_folders(outcome)),
        notes=(*outcome.contents.notes, *remarks_on(outcome)),
        reading=taken.key if taken else "",
        readings=readings,
        refusal=refusal_of(outcome),
        labels_stamp=labels.stamp if labels and taken and taken.key == TABLE else "",
    )


def _readings(
    assignments: Mapping[str, ClassReading], taken: ClassReading | None, class_of: Mapping[str, str]
) -> Iterable[LayoutReading]:
    """What can be chosen, the reading that is taken first, with all its classes."""
    for one in different(assignments.values(), taken):
        counts = Counter((class_of if one is taken else _merged(one.class_of)[0]).values())
        yield LayoutReading(
            one.key, one.title, {name: counts[name] for name in sorted(counts, key=natural)}, one.columns
        )
