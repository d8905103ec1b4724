"""Splits that lie below the classes or in their names, images without a class beside them, and numbered parts."""

from __future__ import annotations

from core.datasets.layout.folders.levels import Position, Skeleton, overlap
from core.datasets.layout.folders.roles import IMAGES, PREDICT, SplitRole, are_batches, is_grid, role_of, without_role
from core.datasets.layout.listing import TEST
from core.datasets.layout.naming import quoted_list, same_class, words_of

COPY = "a copy of an image that is in its class already"


def untangle(skeleton: Skeleton) -> Skeleton:
    """Correct the positions of a skeleton: of sets in a set, and where the top folders are no splits."""
    _once_more(skeleton)
    if not skeleton.has_splits and not _splits_below_classes(skeleton) and not _splits_in_class_names(skeleton):
        _unlabelled_beside_classes(skeleton)
        _batches(skeleton)
    return skeleton


def _classes(skeleton: Skeleton) -> dict[str, list[tuple[str, Position]]]:
    """The images of each folder at the level of the classes."""
    classes: dict[str, list[tuple[str, Position]]] = {}
    for path, position in skeleton.positions.items():
        if position.folders:
            classes.setdefault(position.folders[0], []).append((path, position))
    return classes


def _once_more(skeleton: Skeleton) -> None:
    """cat, dog, and pets/cat, pets/dog: a folder with the same classes, whose images are copies or more of them."""
    classes = _classes(skeleton)
    for name, images in classes.items():
        inner = {same_class(at.folders[1]) if at.folders[1:] else "" for _, at in images}
        if len(inner) < 2 or not inner <= {same_class(other) for other in classes if other != name}:
            continue
        known = {(at.folders, _file_name(path)) for path, at in skeleton.positions.items() if at.folders[:1] != (name,)}
        for path, at in images:
            if (at.folders[1:], _file_name(path)) in known:
                skeleton.aside[path] = COPY
            skeleton.positions[path] = Position(at.split, () if path in skeleton.aside else at.folders[1:])
        skeleton.notes.append(f"The folder {quoted_list([name])} holds the same classes once more: they were joined.")


def _file_name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _splits_below_classes(skeleton: Skeleton) -> bool:
    """cat/train, cat/test, dog/train, dog/test: the class first, then its splits."""
    classes = _classes(skeleton)
    inner = {name: {position.folders[1:2] for _, position in images} for name, images in classes.items()}
    roles = {names: role_of(names[0]) for below_it in inner.values() for names in below_it if names}
    are_splits = all(_is_exact(roles.get(names)) for below_it in inner.values() for names in below_it)
    if len(classes) < 2 or not are_splits or max(map(len, inner.values())) < 2:
        return False
    for path, position in skeleton.positions.items():
        if position.folders and (role := roles[position.folders[1:2]]):
            skeleton.positions[path] = Position(role.split, (position.folders[0], *position.folders[2:]))
    skeleton.has_splits = True
    return True


def _is_exact(role: SplitRole | None) -> bool:
    return role is not None and role.is_exact


def _splits_in_class_names(skeleton: Skeleton) -> bool:
    """train_cats, train_dogs, test_cats, test_dogs: both in one name."""
    roles = {name: role_of(name) for name in _classes(skeleton)}
    names = {name: (without_role(name), role.split) for name, role in roles.items() if role}
    if len(names) < len(roles) or not is_grid({name: role for name, role in roles.items() if role}):
        return False
    for path, position in skeleton.positions.items():
        if position.folders:
            rest, split = names[position.folders[0]]
            skeleton.positions[path] = Position(split, (rest, *position.folders[1:]))
    skeleton.has_splits = True
    return True


def _unlabelled_beside_classes(skeleton: Skeleton) -> None:
    """cat, dog and a flat test: its images have no class. A folder train beside bus and car is one, and stays."""
    classes = _classes(skeleton)
    flat = {
        name: role.split
        for name, images in classes.items()
        if (role := role_of(name)) and role.is_exact and role.split in (TEST, PREDICT)
        if all(len(position.folders) == 1 for _, position in images)
    }
    if not flat or len(classes) - len(flat) < 2:
        return
    for name, split in flat.items():
        skeleton.positions.update((path, Position(split, ())) for path, _ in classes[name])


def _batches(skeleton: Skeleton) -> None:
    """part_1 and part_2: parts of one set, whose folders, if any, are the classes."""
    classes = _classes(skeleton)
    inner = [{at.folders[1] for _, at in images if _is_named(at.folders[1:])} for images in classes.values()]
    if not are_batches(list(classes)) or (any(inner) and not all(overlap(inner[0], names) for names in inner)):
        return
    if any(inner):
        for path, position in skeleton.positions.items():
            skeleton.positions[path] = Position(position.split, position.folders[1:])
        skeleton.notes.append(f"The folders {quoted_list(list(classes))} hold the same classes: they were joined.")
    else:
        skeleton.are_batches = True


def _is_named(folders: tuple[str, ...]) -> bool:
    """Whether a folder is called something else than images."""
    return bool(folders) and "".join(words_of(folders[0])) not in IMAGES
