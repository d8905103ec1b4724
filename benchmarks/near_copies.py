"""Near copies in five kinds of datasets, and the split that follows: python -m benchmarks.near_copies [ZIP]

A tenth of each dataset's images is copied: saved as JPEG, scaled, made brighter, cropped. What must hold: nine of ten
pairs are found (recall), of the pairs named 98 of 100 are copies (precision), and each class gives its share of images
to each part of a split within 1 % of the class.

With ZIP, a picture ZIP of class folders, its photographs are measured too. They may hold copies of their own, which
count as false: they are listed to be looked at.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.copied_images import COPIES, SETS, Labelled, of_zip
from core.datasets.inspecting.bundles import without_large_groups
from core.datasets.inspecting.duplicates import near_duplicates
from core.datasets.splitting import copies_of, stratified_split
from core.images import to_square

COPIED = 0.1  # of the images
SHARES = (0.7, 0.2, 0.1)
RECALL, PRECISION, OFF = 0.9, 0.98, 0.01
ZIP_IMAGES, ZIP_SIZE = 5_000, 64

Pair = tuple[int, int]


def with_copies(originals: list[Labelled], size: int) -> tuple[Tensor, Tensor, dict[Pair, str]]:
    """Images uint8 (N, 3, size, size), their labels, and which of them are pairs by what kind of copy."""
    images, labels = ([item[part] for item in originals] for part in (0, 1))
    pairs: dict[Pair, str] = {}
    chosen = np.random.default_rng(1).permutation(len(images))[: int(COPIED * len(images))]
    for number, index in enumerate(chosen.tolist()):
        kind = list(COPIES)[number % len(COPIES)]
        pairs[index, len(images)] = kind
        images.append(COPIES[kind](images[index]))
        labels.append(labels[index])
    squares = np.stack([to_square(np.asarray(image.convert("RGB")), size) for image in images])
    return torch.from_numpy(squares).permute(0, 3, 1, 2).contiguous(), torch.tensor(labels), pairs


def farthest_off(labels: Tensor, groups: Tensor) -> float:
    """The largest difference between a class's share of a part and the share asked for, over five seeds."""
    sizes = torch.bincount(labels)
    return max(
        float((torch.bincount(labels[part], minlength=len(sizes)) / sizes - share).abs().max())
        for seed in range(5)
        for part, share in zip(stratified_split(labels, groups, SHARES, seed, exact=True), SHARES, strict=True)
    )


def measure(name: str, originals: list[Labelled], size: int) -> bool:
    """Print one line. Returns: whether all goals are met."""
    images, labels, pairs = with_copies(originals, size)
    start = time.perf_counter()
    copies = near_duplicates(images)
    seconds = time.perf_counter() - start
    groups, large = without_large_groups(copies, labels)
    named = {(a, b) for group in copies_of(copies) for place, a in enumerate(group) for b in group[place + 1 :]}
    missed = Counter(pairs[pair] for pair in pairs.keys() - named)
    recall, precision = len(named & pairs.keys()) / len(pairs), len(named & pairs.keys()) / max(1, len(named))
    off = farthest_off(labels, groups)
    print(
        f"{name:<20} {len(images):>6,} at {size:>3}   recall {recall:6.1%}   precision {precision:6.1%}   "
        f"largest group {max(map(len, copies_of(copies)), default=1):>2}, too large {len(large)}   "
        f"split off by {off:.2%}   {seconds:5.1f} s   missed: {dict(missed.most_common(3))}",
        flush=True,
    )
    return recall >= RECALL and precision >= PRECISION and off <= OFF


def own_copies(originals: list[Labelled], size: int) -> None:
    """Groups among images as they are, without copies made."""
    images, labels = (list(column) for column in zip(*originals, strict=True))
    squares = np.stack([to_square(np.asarray(image.convert("RGB")), size) for image in images])
    groups = list(copies_of(near_duplicates(torch.from_numpy(squares).permute(0, 3, 1, 2).contiguous())))
    print(f"groups in it as it is: {len(groups)}, of {[len(group) for group in groups][:20]} images")
    for group in groups[:20]:
        print(f"   images {group}, labels {[labels[index] for index in group]}")


def main() -> None:
    met = []
    for name, (make, count, size) in SETS.items():
        met.append(measure(name, list(make(count, np.random.default_rng(0))), size))
    for path in sys.argv[1:]:
        originals = list(of_zip(Path(path), ZIP_IMAGES))
        own_copies(originals, ZIP_SIZE)
        measure(Path(path).stem, originals, ZIP_SIZE)
    print("all goals met" if all(met) else "NOT all goals met")


if __name__ == "__main__":
    main()
