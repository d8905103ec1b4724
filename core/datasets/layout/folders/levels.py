"""The level of the classes: which folders are splits, which are wrappers, and what lies below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, field
from typing import NamedTuple

from core.datasets.layout.folders.roles import CONTAINERS, SplitRole, is_grid, role_of
from core.datasets.layout.folders.tree import FolderNode, only_folder, unwrapped
from core.datasets.layout.listing import TRAIN
from core.datasets.layout.naming import same_class, words_of

BESIDE = "beside the class folders"


class Position(NamedTuple):
    """Where an image lies: its split if its folders name one, and the folders from the level of the classes on."""

    split: str | None
    folders: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """The folder in which the classes of one split lie; children named in `skip` belong to another part."""

    node: FolderNode
    split: str | None = None
    skip: frozenset[str] = frozenset()

    @property
    def folders(self) -> dict[str, FolderNode]:
        return {name: child for name, child in self.node.children.items() if name not in self.skip}

    @property
    def keys(self) -> frozenset[str]:
        """The classes that its folders would be."""
        return frozenset(map(same_class, self.folders))


@dataclass
class Skeleton:
    """Every image's position or the reason why it is left out, the folders that hold class folders, and notes."""

    positions: dict[str, Position] = field(default_factory=dict)
    aside: dict[str, str] = field(default_factory=dict)
    roots: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    has_splits: bool = False
    are_batches: bool = False


def plain_skeleton(root: FolderNode) -> Skeleton:
    """Every folder below the wrappers is a class, whatever its name."""
    return _filled(root, [Part(unwrapped(root))], Skeleton())


def skeleton_of(root: FolderNode) -> Skeleton:
    """Folders named train, validation, test are splits where what lies in and beside them says so, too."""
    skeleton, node = Skeleton(), root
    parts = _parts(node)
    while not parts and (below := _inner(node)) is not None:
        node = below
        parts = _parts(node)
    skeleton.has_splits = bool(parts)
    parts = _without_wrappers(parts) if parts else [Part(node)]
    _filled(root, parts, skeleton)
    return skeleton


def _inner(node: FolderNode) -> FolderNode | None:
    """The folder that holds everything that counts: the only one, or one named like a container beside small ones."""
    if (below := only_folder(node)) is not None:
        return below
    named = [child for name, child in node.children.items() if "".join(words_of(name)) in CONTAINERS]
    if len(named) == 1 and len(named[0].children) >= 2:
        others = [child for child in node.children.values() if child is not named[0]]
        if all(child.is_flat for child in others) and node.count - named[0].count < 0.2 * node.count:
            return named[0]
    return None


def _parts(node: FolderNode) -> list[Part]:
    """The splits that lie directly in a folder; none if its folders are something else."""
    roles = {name: role for name in node.children if (role := role_of(name))}
    is_mixed = len(roles) == len(node.children) and is_grid(roles)
    inside = {name: unwrapped(child).class_keys() for name, child in node.children.items()}
    roles = {name: role for name, role in roles.items() if role.is_exact or _is_supported(name, roles, inside)}
    if not roles or (is_mixed and not any(inside.values())):
        return []
    labelled = {key for name in roles for key in inside[name]}
    others = [name for name in node.children if name not in roles]
    alike = [name for name in others if overlap(inside[name], labelled)]
    splits = {role.split for role in roles.values()}
    rest = None if TRAIN in splits else TRAIN
    own = frozenset(same_class(name) for name in others)
    if overlap(labelled, own) and TRAIN not in splits:  # cat, dog, and test/cat, test/dog
        parts = [Part(node, TRAIN, frozenset(roles))]
    elif alike or (len(splits) > 1 and (labelled or len(others) < 2)):
        parts = [Part(node.children[name], rest) for name in alike]
    else:
        return []
    return [*parts, *(Part(node.children[name], role.split) for name, role in roles.items())]


def _is_supported(name: str, roles: dict[str, SplitRole], inside: dict[str, frozenset[str]]) -> bool:
    """A name such as rps-test-set says test if its neighbours hold the same classes or are called alike."""
    own = roles[name]
    is_like_another = any(role.rest == own.rest and role.split != own.split for role in roles.values())
    return is_like_another or any(overlap(inside[name], inside[other]) for other in inside if other != name)


def overlap(first: Set[str], second: Set[str]) -> bool:
    """Whether two sets of class names are mostly the same."""
    common = len(first & second)
    return common >= 2 and common >= 0.5 * min(len(first), len(second))


def _without_wrappers(parts: list[Part]) -> list[Part]:
    """Parts without the folders around their classes, such as seg_train/seg_train; a class is no such folder."""
    counts = Counter(key for part in parts for key in part.keys if key not in CONTAINERS and not role_of(key))
    shared = {key for key, count in counts.items() if count > 1}
    known = frozenset(shared.union(*(part.keys for part in parts if len(part.folders) > 1)))
    return [Part(_unwrapped_but(part.node, known), part.split, part.skip) for part in parts]


def _unwrapped_but(node: FolderNode, classes: frozenset[str]) -> FolderNode:
    while len(node.children) == 1:
        (below,) = node.children.values()
        if same_class(below.name) in classes or (node.images and not below.children):
            break
        node = below
    return node


def _filled(root: FolderNode, parts: list[Part], skeleton: Skeleton) -> Skeleton:
    for part in parts:
        skeleton.roots.append(part.node.path)
        depth = len(part.node.path)
        for node in (part.node, *(inner for child in part.folders.values() for inner in child.walk())):
            position = Position(part.split, node.path[depth:])
            skeleton.positions.update(dict.fromkeys(node.images, position))
    skeleton.aside.update((path, BESIDE) for path in root.all_images() if path not in skeleton.positions)
    return skeleton
