"""A set of labelled pictures in memory, what was left out of it, and how it is divided."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from core.errors import DataError

Progress = Callable[[int, int], None]  # done, total; may raise to cancel

MIN_SIZE, MAX_SIZE = 8, 512


@dataclass(frozen=True)
class Refusal:
    """A file that should have been a picture: where it lay, its class, why it was left out (a word, a sentence).

    `thumbnail` uint8 (3, h, w) shows what can still be seen of it, if anything; `jfif` says whether it begins as JFIF.
    """

    path: str
    class_name: str
    reason: str
    message: str = ""
    jfif: bool = False
    thumbnail: Tensor | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, eq=False)
class Pictures:
    """N labelled pictures of one size, decoded.

    `images` uint8 (N, 3, H, W); `labels` int64 (N,), places in `classes`; `paths` where each came from.
    `refused` could not be read, `ignored` was never meant to be a picture (Thumbs.db, a readme).
    `groups` int64 (N,): pictures with one number are copies of each other and stay on one side of a split.
    `boxes` float32 (N, K, 4), x0 y0 x1 y1 in pixels, where the set knows what to look at; else None.
    `originals` int64 (N, 2), height and width before squashing, and `jfif` bool (N,), whether the file begins as JFIF
    does; None for sets that never were files. `file` holds the pixels if they are mapped.
    """

    name: str
    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    paths: tuple[str, ...]
    groups: Tensor
    refused: tuple[Refusal, ...] = ()
    ignored: tuple[str, ...] = ()
    boxes: Tensor | None = None
    originals: Tensor | None = None
    jfif: Tensor | None = None
    file: Path | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def size(self) -> int:
        """Length of a picture's side in pixels."""
        return self.images.shape[-1]

    @property
    def memory_bytes(self) -> int:
        """What the decoded pictures take in memory."""
        return self.images.numel()

    @property
    def class_counts(self) -> dict[str, int]:
        """Pictures a class, in the order of `classes`."""
        counts = torch.bincount(self.labels, minlength=len(self.classes)).tolist()
        return dict(zip(self.classes, counts, strict=True))

    def examples(self, count: int = 9, seed: int = 0) -> list[int]:
        """Places of a few pictures to show, the classes taking turns, chosen by `seed`."""
        generator = torch.Generator().manual_seed(seed)
        shuffled = torch.randperm(len(self), generator=generator)
        turns = [shuffled[self.labels[shuffled] == label].tolist() for label in range(len(self.classes))]
        mixed = [place for turn in itertools.zip_longest(*turns) for place in turn if place is not None]
        return mixed[:count]

    def mean_picture(self, label: int | None = None) -> Tensor:
        """The mean of all pictures, or of one class: float32 (3, H, W), 0..255."""
        places = torch.arange(len(self)) if label is None else (self.labels == label).nonzero().flatten()
        total = sum(self.images[part].sum(0, dtype=torch.int64) for part in places.split(256))
        return (total.double() / len(places)).float()

    def split(self, val_share: float = 0.2, seed: int = 1337) -> tuple[Tensor, Tensor]:
        """Places of the training and of the validation pictures: two sorted int64 tensors that share nothing.

        Each class gives `val_share` of itself, rounded, at least one picture and never all; copies go together.
        """
        train, val = self.split_into((1 - val_share, val_share), seed)
        return train, val

    def split_into(self, shares: tuple[float, ...], seed: int = 1337) -> tuple[Tensor, ...]:
        """Places divided by `shares` (they add up to 1), stratified by class, copies kept together, by `seed`.

        Raises: DataError if the shares do not add up to 1.
        """
        if min(shares) < 0 or abs(sum(shares) - 1) > 1e-6:
            raise DataError(f"The shares {shares} add up to {sum(shares):g}: they must be positive and add up to 1.")
        generator = torch.Generator().manual_seed(seed)
        parts: list[list[int]] = [[] for _ in shares]
        for bundles in self._bundles():
            order = torch.randperm(len(bundles), generator=generator).tolist()
            _deal([bundles[place] for place in order], shares, parts)
        return tuple(torch.tensor(sorted(part), dtype=torch.int64) for part in parts)

    def _bundles(self) -> list[list[list[int]]]:
        """For each class its bundles of copies; a bundle with copies in several classes belongs to its first."""
        bundles: dict[int, list[int]] = {}
        for place, group in enumerate(self.groups.tolist()):
            bundles.setdefault(group, []).append(place)
        by_class: list[list[list[int]]] = [[] for _ in self.classes]
        labels = self.labels.tolist()
        for bundle in bundles.values():
            by_class[labels[bundle[0]]].append(bundle)
        return by_class


def _deal(bundles: list[list[int]], shares: tuple[float, ...], parts: list[list[int]]) -> None:
    """Fill the later parts to their share of one class, each with at least one bundle if it can be spared."""
    total = sum(len(bundle) for bundle in bundles)
    rest = list(bundles)
    for part, share in list(zip(parts, shares, strict=True))[:0:-1]:
        wanted, given = (max(1, round(share * total)) if share else 0), 0
        while given < wanted and len(rest) > 1:
            bundle = rest.pop()
            part += bundle
            given += len(bundle)
    parts[0] += [place for bundle in rest for place in bundle]


def needed_bytes(count: int, size: int) -> int:
    """Memory of `count` decoded colour pictures of size x size, in bytes.

    $$N \\cdot 3 \\cdot H \\cdot W$$

    >>> needed_bytes(5_006, 64)
    61513728
    """
    return count * 3 * size * size


def check_size(size: int) -> None:
    """Raises: DataError if pictures cannot be made that large or small."""
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise DataError(f"A picture side of {size} pixels cannot be used: choose {MIN_SIZE} to {MAX_SIZE}.")
