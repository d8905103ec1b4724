"""Images that were decoded before, by the file that they come from: what corrects a layout decodes nothing again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from core.datasets.dataset import ImageDataset
from core.datasets.inspecting.bundles import joined
from core.datasets.layout.listing import Candidate

FORMAT = 3  # to be raised whenever the same files would be decoded to other images


class DecodedFile(NamedTuple):
    """Original height and width, whether the file begins as JFIF does, and its true bits if values were stretched."""

    size: tuple[int, int]
    jfif: bool
    stretched_bits: int | None = None


class DecodedFiles:
    """Images of `size` x `size` in datasets that were decoded before. They are copied, not decoded, where path and
    stamp of a file are the same."""

    def __init__(self, datasets: Iterable[ImageDataset] = (), size: int = 0) -> None:
        self._datasets = [data for data in datasets if data.size == size and len(data.stamps) == len(data)]
        self._rows = {
            key: (data, row)
            for data in self._datasets
            for row, key in enumerate(zip(data.paths, data.stamps, strict=True))
        }

    def copy(self, candidate: Candidate, image: Tensor) -> DecodedFile | None:
        """Put a candidate's pixels into `image`, uint8 (3, size, size); None if it was not decoded before."""
        data, row = self._rows.get((candidate.path, stamp_of(candidate)), (None, 0))
        if data is None or data.originals is None or data.jfif is None or data.true_bits is None:
            return None
        image.copy_(data.images[row])
        height, width = data.originals[row].tolist()
        return DecodedFile((height, width), bool(data.jfif[row]), int(data.true_bits[row]) or None)

    def copies_among(self, candidates: Sequence[Candidate]) -> Tensor | None:
        """int64 (N,) groups of copies, as `near_duplicates` finds them; None unless a dataset has just these N files
        in this order."""
        files = [(candidate.path, stamp_of(candidate)) for candidate in candidates]
        for data in self._datasets:
            if files == list(zip(data.paths, data.stamps, strict=True)):
                return joined(data.groups, data.large_groups)
        return None


def stamp_of(candidate: Candidate) -> str:
    """What changes with a candidate's bytes and with the way in which they are decoded."""
    return f"{FORMAT} {candidate.stamp}"


def true_bits(files: Iterable[DecodedFile]) -> Tensor:
    """int64 (N,): the bits of grey images whose values were stretched, 0 for all others."""
    return torch.tensor([file.stretched_bits or 0 for file in files], dtype=torch.int64)
