"""The datasets that need no download. A new one is one entry in `BUILT_IN`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from core.datasets import synthetic
from core.datasets.dataset import ImageDataset, Progress
from core.images.digits import digits
from core.images.resizing import SMOOTH


@dataclass(frozen=True)
class BuiltInDataset:
    """A dataset that is drawn or shipped: what it is, its classes, its number of images, and how to make it.

    `build(size, seed, limit, progress)` gives at most `limit` images of size x size; `images(size, count)` gives the
    same images and labels, first of a tuple, in code that a script can repeat.
    """

    title: str
    blurb: str
    credit: str
    classes: tuple[str, ...]
    count: int
    build: Callable[[int, int, int | None, Progress | None], ImageDataset]
    images: Callable[..., tuple]


def digit_images(size: int, count: int, seed: int = 0) -> tuple[Tensor, Tensor, np.ndarray]:
    """Scikit-learn's handwritten digits, 8x8 in 17 greys, enlarged to RGB: images, labels, and their numbers there.

    `seed` chooses which come first.
    """
    all_greys, labels = digits()
    chosen = np.sort(np.random.default_rng(seed).permutation(len(labels))[:count])
    greys = np.rint(all_greys[chosen] * (255 / 16)).astype(np.uint8)
    enlarged = np.stack([np.asarray(Image.fromarray(grey).resize((size, size), SMOOTH)) for grey in greys])
    images = torch.from_numpy(enlarged)[:, None].repeat(1, 3, 1, 1)
    return images, torch.from_numpy(labels[chosen]), chosen


def _digits(size: int, seed: int, limit: int | None, progress: Progress | None) -> ImageDataset:
    images, labels, chosen = digit_images(size, limit or BUILT_IN["digits"].count, seed)
    if progress:
        progress(len(chosen), len(chosen))
    return ImageDataset(
        name="digits",
        images=images,
        labels=labels,
        classes=BUILT_IN["digits"].classes,
        paths=tuple(f"digits/{i}" for i in chosen),
        groups=torch.arange(len(chosen)),
    )


def sketch_images(
    size: int, count: int, seed: int = 0, progress: Progress | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """`count` faces, cats and dogs in turn: images, labels, and the boxes of their ears.

    Image i depends on (seed, i) only.
    """
    images = torch.empty(count, 3, size, size, dtype=torch.uint8)
    boxes = torch.empty(count, 2, 4)
    for i in range(count):
        image, ears = synthetic.sketch(i % 2, size, np.random.default_rng((seed, i)))
        images[i] = torch.from_numpy(image).permute(2, 0, 1)
        boxes[i] = torch.from_numpy(ears)
        if progress and (i % 50 == 49 or i + 1 == count):
            progress(i + 1, count)
    return images, torch.arange(count) % 2, boxes


def _sketches(size: int, seed: int, limit: int | None, progress: Progress | None) -> ImageDataset:
    count = min(limit or BUILT_IN["sketches"].count, MOST_SKETCHES)
    images, labels, boxes = sketch_images(size, count, seed, progress)
    return ImageDataset(
        name="sketches",
        images=images,
        labels=labels,
        classes=synthetic.CLASSES,
        paths=tuple(f"sketches/{synthetic.CLASSES[i % 2]}/{i}" for i in range(count)),
        groups=torch.arange(count),
        boxes=boxes,
    )


MOST_SKETCHES = 20_000

BUILT_IN = {
    "sketches": BuiltInDataset(
        "Sketched cats and dogs",
        "Randomly drawn faces; only the ears distinguish cat from dog.",
        "ours",
        synthetic.CLASSES,
        1_000,
        _sketches,
        sketch_images,
    ),
    "digits": BuiltInDataset(
        "Handwritten digits",
        "1,797 real digits, 8×8 pixels each.",
        "E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, CC BY 4.0",
        tuple(str(digit) for digit in range(10)),
        1_797,
        _digits,
        digit_images,
    ),
}
