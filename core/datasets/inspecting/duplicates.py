"""Finding duplicate images: identical to the pixel, or nearly (saved again, scaled, a little brighter)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

GRID = 9  # an image's coarse greys, whose 64 horizontal and 64 vertical slopes make its fingerprint
BITS_APART = 12  # of 128; unrelated photographs differ in about 64
GREY_APART = 12  # of 255, on average; slopes alone would call all plain images the same
BLOCK = 128  # images compared with all others at a time
CHUNK = 1 << 22  # cells of images turned grey at a time: a dataset that lies on disk must not be pulled into memory


def exact_duplicates(images: Tensor) -> Tensor:
    """uint8 (N, 3, H, W) -> int64 (N,): for each image the index of the first one with the same pixels."""
    first: dict[bytes, int] = {}
    digests = (hashlib.blake2b(image.numpy(), digest_size=16).digest() for image in images)
    return torch.tensor([first.setdefault(digest, index) for index, digest in enumerate(digests)], dtype=torch.int64)


def near_duplicates(images: Tensor) -> Tensor:
    """uint8 (N, 3, H, W) -> int64 (N,): for each image the index of the first one it looks the same as.

    Each image's fingerprint says whether it gets lighter or darker between neighbouring cells of a 9x9 grid (a
    difference hash, both ways); close fingerprints are believed if the grids' greys agree too. Copies of copies join.
    """
    first = list(range(len(images)))
    for a, b in _near_pairs(_coarse(images)):
        roots = sorted((_root(first, a), _root(first, b)))
        first[roots[1]] = roots[0]
    return torch.tensor([_root(first, index) for index in range(len(first))], dtype=torch.int64)


def _coarse(images: Tensor) -> Tensor:
    """uint8 (N, 3, H, W) -> greys 0..255 (N, 9, 9)."""
    shares = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    few = max(1, CHUNK // max(1, images[:1].numel()))
    parts = [adaptive_avg_pool2d((part.float() * shares).sum(1), GRID) for part in images.split(few)]
    return torch.cat(parts) if parts else torch.empty(0, GRID, GRID)


def _near_pairs(grey: Tensor) -> Iterator[tuple[int, int]]:
    """Indices of pairs, block by block: all pairs at once would take gigabytes."""
    horizontal, vertical = _packed(grey.diff(dim=2)[:, :8]), _packed(grey.diff(dim=1)[:, :, :8])
    flat = grey.flatten(1)
    for start in range(0, len(horizontal), BLOCK):
        apart = np.bitwise_count(
            horizontal[start : start + BLOCK, None] ^ horizontal[None, start:]
        )  # (BLOCK, the rest)
        rows, columns = np.nonzero(apart <= BITS_APART)
        a, b = (start + indices[rows < columns] for indices in (rows, columns))
        distance = np.bitwise_count(horizontal[a] ^ horizontal[b]) + np.bitwise_count(vertical[a] ^ vertical[b])
        close = distance <= BITS_APART
        a, b = a[close], b[close]
        alike = (flat[a] - flat[b]).abs().mean(dim=1).numpy() <= GREY_APART
        yield from zip(a[alike].tolist(), b[alike].tolist(), strict=True)


def _packed(slopes: Tensor) -> np.ndarray:
    """(N, 8, 8) -> whether each slope goes up, one bit each: uint64 (N,)."""
    bits = (slopes.flatten(1) > 0).numpy()
    return np.packbits(bits, axis=1).view(np.uint64).ravel()


def _root(first: list[int], index: int) -> int:
    while first[index] != index:
        first[index] = first[first[index]]
        index = first[index]
    return index
