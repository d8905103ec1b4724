"""Images that are no examples: segmentation masks and other annotations drawn as images."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.datasets.layout.folders.roles import IMAGES
from core.datasets.layout.folders.tree import FolderNode
from core.datasets.layout.naming import stem, words_of

MASK = "segmentation mask or annotation"
SURE = {  # no class is called so where images of the same names lie beside it
    *("trimap", "trimaps", "groundtruth", "segmentation", "segmentations", "segmentationclass", "segmentationobject"),
    *("annotation", "annotations", "gt", "gts", "labels", "label", "labelmasks", "masks"),
}
MAYBE = {*SURE, "mask", "seg", "segs", "contours", "matte", "mattes", "alpha", "depth", "heatmaps", "labelmap"}
SUFFIXED = re.compile(
    r"(.*?)[ _.-]+(mask|seg|segmentation|gt|groundtruth|ground_truth|trimap|label|matte)([ _-]?\d+)?", re.IGNORECASE
)


def masks_of(root: FolderNode) -> dict[str, str]:
    """The images that are masks of others, each with the reason."""
    masks = {path: MASK for node in root.walk() for child in _mask_folders(node) for path in child.all_images()}
    return masks | {path: MASK for node in root.walk() for path in _mask_files(node)}


def _mask_folders(node: FolderNode) -> Iterator[FolderNode]:
    """Folders such as masks beside images, train_masks beside train, or annotations with the names of the images."""
    beside = {name: "".join(words_of(name)) for name in node.children}
    has_images = any(word in IMAGES for word in beside.values())
    for name, word in beside.items():
        stripped = re.sub(r"[\W_]*(masks?|segmentations?|labels?|gt|annotations?)$", "", name, flags=re.IGNORECASE)
        is_named_after = stripped not in ("", name) and stripped in node.children
        if word in IMAGES or not (is_named_after or word in MAYBE):
            continue  # before anything is compared: a thousand classes would be, each with all the others
        others = [child for other, child in node.children.items() if other != name and beside[other] not in MAYBE]
        is_said_so = (is_named_after or word in SURE) and _mirrors(node.children[name], others)
        if others and (is_said_so or (word in MAYBE and has_images)):
            yield node.children[name]


def _mirrors(node: FolderNode, others: list[FolderNode]) -> bool:
    """Whether most of a folder's images have one in the other folders that they belong to."""
    return _same_names(node, others) or _same_places(node, others)


def _same_names(node: FolderNode, others: list[FolderNode]) -> bool:
    """Whether most of a folder's images are named after one in the other folders. A number alone is no such name."""
    known = {_stem(path) for other in others for path in other.all_images()}
    stems = [_stem(path) for path in node.all_images()]
    named = (
        (text in known and not text.isdecimal()) or _base(text) in known or text.rpartition("_")[0] in known
        for text in stems
    )
    return sum(named) >= 0.6 * len(stems)


def _same_places(node: FolderNode, others: list[FolderNode]) -> bool:
    """Whether most of a folder's images lie where one lies beside it: masks/cat/1.png and cat/1.jpg."""
    outside, inside = len(node.path) - 1, len(node.path)
    known = {(at.path[outside:], _stem(path)) for other in others for at in other.walk() for path in at.images}
    own = [(at.path[inside:], _stem(path)) for at in node.walk() for path in at.images]
    return sum(spot in known for spot in own) >= 0.6 * len(own)


def _mask_files(node: FolderNode) -> Iterator[str]:
    """Images such as 12_mask.png beside 12.png."""
    stems = {path: _stem(path) for path in node.images}
    known = set(stems.values())
    for path, text in stems.items():
        if _base(text) in known:
            yield path


def _stem(path: str) -> str:
    return stem(path.rsplit("/", 1)[-1])


def _base(text: str) -> str | None:
    match = SUFFIXED.fullmatch(text)
    return match.group(1) if match else None
