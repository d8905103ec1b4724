"""The folders of a source as a tree of those that hold images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.datasets.layout.naming import same_class


@dataclass(eq=False)
class FolderNode:
    """A folder with images in it or below it: its path, the images in it, the folders below, the images of all."""

    path: tuple[str, ...]
    images: list[str] = field(default_factory=list)
    children: dict[str, FolderNode] = field(default_factory=dict)
    count: int = 0

    @property
    def name(self) -> str:
        return self.path[-1] if self.path else ""

    @property
    def is_flat(self) -> bool:
        return not self.children

    def walk(self) -> Iterator[FolderNode]:
        """This folder and all below it."""
        yield self
        for child in self.children.values():
            yield from child.walk()

    def all_images(self) -> Iterator[str]:
        """The images in this folder and below it."""
        for node in self.walk():
            yield from node.images

    def class_keys(self) -> frozenset[str]:
        """The classes that the folders in it would be, as `same_class` writes them."""
        return frozenset(map(same_class, self.children))


def tree_of(parts_of: Mapping[str, tuple[str, ...]]) -> FolderNode:
    """The tree of images by path, in the order in which they come."""
    root = FolderNode(())
    for path, parts in parts_of.items():
        node = root
        for depth, name in enumerate(parts[:-1], start=1):
            node.count += 1
            if name not in node.children:
                node.children[name] = FolderNode(parts[:depth])
            node = node.children[name]
        node.count += 1
        node.images.append(path)
    return root


def unwrapped(node: FolderNode) -> FolderNode:
    """The folder in which something is to be told apart: single folders around it are taken off.

    A few loose images beside the single folder do not matter; more of them than the folder holds do.
    """
    while (below := only_folder(node)) is not None:
        node = below
    return node


def only_folder(node: FolderNode) -> FolderNode | None:
    """The single folder in another, if it holds everything that counts."""
    if len(node.children) != 1:
        return None
    (below,) = node.children.values()
    loose = len(node.images)
    return below if loose == 0 or (below.children and loose < below.count) else None
