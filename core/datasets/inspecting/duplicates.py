"""Finding pictures that are in a set twice: to the pixel, or nearly (saved again, scaled, a little brighter)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

GRID = 9  # a picture's coarse greys, whose 64 slopes across and 64 down make its fingerprint
BITS_APART = 12  # of 128; unrelated photographs differ in about 64
GREY_APART = 12  # of 255, on average; slopes alone would call all plain pictures the same
BLOCK = 128  # pictures compared with all others at a time
CHUNK = 1 << 22  # cells of pictures turned grey at a time: a set that lies on disk must not be pulled into memory


def exact_copies(images: Tensor) -> Tensor:
    """uint8 (N, 3, H, W) -> int64 (N,): for each picture the place of the first one with the same pixels."""
    first: dict[bytes, int] = {}
    digests = (hashlib.blake2b(image.numpy(), digest_size=16).digest() for image in images)
    return torch.tensor([first.setdefault(digest, place) for place, digest in enumerate(digests)], dtype=torch.int64)


def near_copies(images: Tensor) -> Tensor:
    """uint8 (N, 3, H, W) -> int64 (N,): for each picture the place of the first one it looks the same as.

    Each picture's fingerprint says whether it gets lighter or darker between neighbouring cells of a 9x9 grid (a
    difference hash, both ways); close fingerprints are believed if the grids' greys agree too. Copies of copies join.
    """
    first = list(range(len(images)))
    for a, b in _near_pairs(_coarse(images)):
        roots = sorted((_root(first, a), _root(first, b)))
        first[roots[1]] = roots[0]
    return torch.tensor([_root(first, place) for place in range(len(first))], dtype=torch.int64)


def _coarse(images: Tensor) -> Tensor:
    """uint8 (N, 3, H, W) -> greys 0..255 (N, 9, 9)."""
    shares = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    few = max(1, CHUNK // max(1, images[:1].numel()))
    parts = [adaptive_avg_pool2d((part.float() * shares).sum(1), GRID) for part in images.split(few)]
    return torch.cat(parts) if parts else torch.empty(0, GRID, GRID)


def _near_pairs(grey: Tensor) -> Iterator[tuple[int, int]]:
    """Places of pairs, block by block: all pairs at once would take gigabytes."""
    across, down = _packed(grey.diff(dim=2)[:, :8]), _packed(grey.diff(dim=1)[:, :, :8])
    flat = grey.flatten(1)
    for start in range(0, len(across), BLOCK):
        apart = np.bitwise_count(across[start : start + BLOCK, None] ^ across[None, start:])  # (BLOCK, the rest)
        rows, columns = np.nonzero(apart <= BITS_APART)
        a, b = (start + places[rows < columns] for places in (rows, columns))
        close = np.bitwise_count(across[a] ^ across[b]) + np.bitwise_count(down[a] ^ down[b]) <= BITS_APART
        a, b = a[close], b[close]
        alike = (flat[a] - flat[b]).abs().mean(dim=1).numpy() <= GREY_APART
        yield from zip(a[alike].tolist(), b[alike].tolist(), strict=True)


def _packed(slopes: Tensor) -> np.ndarray:
    """(N, 8, 8) -> whether each slope goes up, one bit each: uint64 (N,)."""
    bits = (slopes.flatten(1) > 0).numpy()
    return np.packbits(bits, axis=1).view(np.uint64).ravel()


def _root(first: list[int], place: int) -> int:
    while first[place] != place:
        first[place] = first[first[place]]
        place = first[place]
    return place
