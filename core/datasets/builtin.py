"""The sets that come along, without a download. A new one is one entry in `BUILT_IN`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from core.datasets import synthetic
from core.datasets.dataset import Pictures, Progress
from core.images.resizing import SMOOTH


@dataclass(frozen=True)
class BuiltIn:
    """A set that is drawn or shipped: what it is, its classes, how many there are, and how to make it.

    `build(size, seed, limit, progress)` gives at most `limit` pictures of size x size.
    """

    title: str
    blurb: str
    credit: str
    classes: tuple[str, ...]
    count: int
    build: Callable[[int, int, int | None, Progress | None], Pictures]


def _digits(size: int, seed: int, limit: int | None, progress: Progress | None) -> Pictures:
    """Scikit-learn's handwritten digits, 8x8 in 17 greys, enlarged to RGB; `seed` chooses which come first."""
    from sklearn.datasets import load_digits

    raw = load_digits()
    chosen = np.sort(np.random.default_rng(seed).permutation(len(raw.target))[:limit])
    greys = np.rint(raw.images[chosen] * (255 / 16)).astype(np.uint8)
    enlarged = np.stack([np.asarray(Image.fromarray(grey).resize((size, size), SMOOTH)) for grey in greys])
    if progress:
        progress(len(chosen), len(chosen))
    return Pictures(
        name="digits",
        images=torch.from_numpy(enlarged)[:, None].repeat(1, 3, 1, 1),
        labels=torch.from_numpy(raw.target[chosen].astype(np.int64)),
        classes=BUILT_IN["digits"].classes,
        paths=tuple(f"digits/{place}" for place in chosen),
        groups=torch.arange(len(chosen)),
    )


def _sketches(size: int, seed: int, limit: int | None, progress: Progress | None) -> Pictures:
    """As many faces as asked for, cats and dogs in turn; picture i depends on (seed, i) only."""
    count = min(limit or BUILT_IN["sketches"].count, MOST_SKETCHES)
    images = torch.empty(count, 3, size, size, dtype=torch.uint8)
    boxes = torch.empty(count, 2, 4)
    for place in range(count):
        picture, ears = synthetic.sketch(place % 2, size, np.random.default_rng((seed, place)))
        images[place] = torch.from_numpy(picture).permute(2, 0, 1)
        boxes[place] = torch.from_numpy(ears)
        if progress and (place % 50 == 49 or place + 1 == count):
            progress(place + 1, count)
    return Pictures(
        name="sketches",
        images=images,
        labels=torch.arange(count) % 2,
        classes=synthetic.CLASSES,
        paths=tuple(f"sketches/{synthetic.CLASSES[place % 2]}/{place}" for place in range(count)),
        groups=torch.arange(count),
        boxes=boxes,
    )


MOST_SKETCHES = 20_000

BUILT_IN = {
    "sketches": BuiltIn(
        "Sketched cats and dogs",
        "Faces drawn by dice; only the ears tell cat from dog.",
        "ours",
        synthetic.CLASSES,
        1_000,
        _sketches,
    ),
    "digits": BuiltIn(
        "Handwritten digits",
        "1,797 real digits, 8x8 pixels each.",
        "E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, CC BY 4.0",
        tuple(str(digit) for digit in range(10)),
        1_797,
        _digits,
    ),
}
