"""From the files of a source to labelled candidates."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping

from core.datasets.layout.choice import REDRAW, LayoutChoice
from core.datasets.layout.folders.levels import BESIDE, plain_skeleton, skeleton_of
from core.datasets.layout.folders.masks import masks_of
from core.datasets.layout.folders.mixtures import untangle
from core.datasets.layout.folders.tree import tree_of
from core.datasets.layout.listing import SPLITS, TRAIN, Candidate, LayoutReading, Listing, SourceContents
from core.datasets.layout.messages.outcome import Outcome
from core.datasets.layout.messages.refusal import refusal_of
from core.datasets.layout.messages.remarks import empty_folders, remarks_on
from core.datasets.layout.naming import natural, printable, same_class
from core.datasets.layout.readings.evidence import Evidence
from core.datasets.layout.readings.possible import (
    NAMES,
    TOP,
    ClassReading,
    assignments_of,
    chosen_assignment,
    different,
)
from core.datasets.layout.tables.labels import table_labels, tables_of
from core.datasets.layout.tables.name_lists import name_lists_of
from core.datasets.layout.tables.split_lists import ListedSplits, listed_splits
from core.images import could_be_image
from core.images.signatures import is_system_file

SYSTEM, OTHER, TABLE_FILE = "system file", "not an image", "a table"
NO_CLASS, SEVERAL, BY_CHOICE = "without a class", "several classes", "class left out by choice"


def interpret(contents: SourceContents, choice: LayoutChoice | None = None) -> Listing:
    """The class and the split of every image, by folders, a table or file names, and what is left out and why.

    `choice` corrects what is taken; a reading that is not possible here is passed over with a note.
    """
    choice, contents = choice or LayoutChoice(), _in_order(contents)
    images, left_out = _sorted_out(contents)
    masks = masks_of(tree_of(images))
    images = {path: parts for path, parts in images.items() if path not in masks}
    evidence = _evidence(contents, images, choice)
    assignments = assignments_of(evidence)
    taken = chosen_assignment(evidence, assignments, choice.reading)
    if taken and taken.key == TOP:
        evidence = dataclasses.replace(evidence, skeleton=evidence.plain)
    class_of, spellings = _merged(taken.class_of if taken else _single_class(evidence))
    readings = tuple(_readings(assignments, taken))
    kept = _wanted(class_of, choice)
    splits = _splits(contents, evidence, taken, kept, choice)
    outcome = Outcome(
        contents=contents,
        choice=choice,
        evidence=evidence,
        taken=taken,
        class_of=kept,
        split_of=splits.split_of,
        unused_lists=splits.unused,
        spellings=spellings,
        left_out=left_out | masks | _tables(evidence) | dict.fromkeys(class_of.keys() - kept.keys(), BY_CHOICE),
    )
    _sort_unassigned(outcome)
    return _listing(outcome, readings)


def _in_order(contents: SourceContents) -> SourceContents:
    """The same files in natural order, so that nothing depends on the order in which they were listed."""
    files = {path: contents.files[path] for path in sorted(contents.files, key=natural)}
    return dataclasses.replace(contents, files=files, folders=tuple(sorted(contents.folders, key=natural)))


def _sorted_out(contents: SourceContents) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """The parts of every image's path, in natural order, and the reason for each other file."""
    images: dict[str, tuple[str, ...]] = {}
    others = dict(contents.left_out)
    for path in contents.files:
        if could_be_image(path, contents.files[path].head):
            images[path] = tuple(path.split("/"))
        else:
            others[path] = SYSTEM if is_system_file(path) else OTHER
    return images, others


def _tables(evidence: Evidence) -> dict[str, str]:
    return {table.path: TABLE_FILE for table in evidence.tables}


def _evidence(contents: SourceContents, images: Mapping[str, tuple[str, ...]], choice: LayoutChoice) -> Evidence:
    root = tree_of(images)
    tables = tuple(tables_of(contents)) if images else ()
    labels = table_labels(contents, tables, images, choice.columns)
    skeleton = untangle(skeleton_of(root))
    return Evidence(skeleton, plain_skeleton(root), tables, tuple(labels), name_lists_of(contents))


def _single_class(evidence: Evidence) -> dict[str, str]:
    """Where nothing tells two classes apart: the folder that all images lie in, to be named in the refusal."""
    skeleton = evidence.skeleton
    above = next((root[-1] for root in skeleton.roots if root), "")
    names = {path: at.folders[0] if at.folders else above for path, at in skeleton.positions.items()}
    is_one = len({same_class(name) for name in names.values()}) == 1
    are_folders = all(at.folders for at in skeleton.positions.values())
    is_shown = is_one and (are_folders or not skeleton.has_splits)
    return {path: name for path, name in names.items() if name} if is_shown else {}


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
) -> ListedSplits:
    """Image -> split: by folders, a table, the names of the files, or lists; nothing unless there are two splits."""
    positions = evidence.skeleton.positions
    by_folders = {path: split for path in class_of if (split := positions[path].split) in SPLITS}
    by_tables = [labels.split_of for labels in evidence.all_labels]
    of_table = taken is not None and taken.is_of_table
    candidates: list[Mapping[str, str]] = [*by_tables, by_folders] if of_table else [by_folders, *by_tables]
    if taken:
        candidates.append(taken.split_of)
    for split_of in candidates:
        known = {path: split for path, split in split_of.items() if path in class_of}
        if len(set(known.values())) > 1:
            return ListedSplits() if choice.split == REDRAW else ListedSplits(known)
    listed = listed_splits(contents, {path: tuple(path.split("/")) for path in class_of})
    return ListedSplits() if choice.split == REDRAW else listed


def _sort_unassigned(outcome: Outcome) -> None:
    """Images without a class are to be predicted if their folder or a table says so, else they are left out."""
    evidence, taken = outcome.evidence, outcome.taken
    aside = evidence.skeleton.aside.items()
    outcome.left_out.update((path, reason) for path, reason in aside if path not in outcome.class_of)
    several = evidence.labels.several if evidence.labels and taken and taken.is_of_table else frozenset()
    for path, position in evidence.skeleton.positions.items():
        if path in outcome.class_of or path in outcome.left_out:
            continue
        if path in several:
            outcome.left_out[path] = SEVERAL
        elif taken and (position.split not in (None, TRAIN) or taken.is_of_table):
            outcome.unlabelled.append(path)
        else:
            outcome.left_out[path] = BESIDE if taken and taken.key != NAMES else NO_CLASS


def _listing(outcome: Outcome, readings: tuple[LayoutReading, ...]) -> Listing:
    files, taken = outcome.contents.files, outcome.taken
    candidates = [
        Candidate(path, name, files[path].read, files[path].stamp, outcome.split_of.get(path))
        for path, name in outcome.class_of.items()
    ]
    others = outcome.left_out.keys() - files.keys()
    rank = {path: number for number, path in enumerate(sorted([*files, *others], key=natural) if others else files)}
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
        labels_stamp=labels.stamp if labels and taken and taken.is_of_table else "",
    )


def _readings(assignments: Mapping[str, ClassReading], taken: ClassReading | None) -> Iterable[LayoutReading]:
    """What can be chosen, the reading that is taken first."""
    for one in different(assignments.values(), taken):
        counts = Counter(_merged(one.class_of)[0].values())
        in_order = {name: counts[name] for name in sorted(counts, key=natural)}
        yield LayoutReading(one.key, one.title, in_order, one.columns)
