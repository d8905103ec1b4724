"""Labelled images in memory, the files that were skipped, and the split."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from core.datasets.splitting import is_usable, split_as_given, stratified_split
from core.errors import DataError

Progress = Callable[[int, int], None]  # done, total; may raise to cancel

MIN_SIZE, MAX_SIZE = 8, 512


@dataclass(frozen=True)
class SkippedFile:
    """A file that should have been an image: its path, its class, why it was skipped (a word, a sentence).

    `thumbnail` uint8 (3, h, w) shows what can still be seen of it, if anything; `jfif` says whether it begins as JFIF.
    """

    path: str
    class_name: str
    reason: str
    message: str = ""
    jfif: bool = False
    thumbnail: Tensor | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, eq=False)
class ImageDataset:
    """N labelled images of one size, decoded.

    `images` uint8 (N, 3, H, W); `labels` int64 (N,), indices into `classes`; `paths` where each came from.
    `refused` could not be read, `ignored` was never meant to be an image (Thumbs.db, a readme).
    `groups` int64 (N,): images with one number are copies of each other and stay in one part of a split;
    `large_groups` are indices of copies that are too many for that. With `exact_shares` no group makes a part larger
    than its share if another fits; runs of earlier versions resume without it.
    `boxes` float32 (N, K, 4), x0 y0 x1 y1 in pixels, of what distinguishes the classes, if that is known; else None.
    `originals` int64 (N, 2), height and width before resizing, and `jfif` bool (N,), whether the file begins as JFIF
    does; None for datasets that never were files. `file` holds the pixels if they are mapped.
    `given_split` int64 (N,): 0 train, 1 validation, 2 test, -1 not said, where folders or a table assign images to
    splits; else None. `notes` are sentences on how the files were understood; `left_out` is path -> reason.
    `stamps` are those of the N files, by which they are known again, and `true_bits` int64 (N,) the bits of grey images
    whose values were stretched, else 0; empty and None in datasets that never were files, or that an earlier version
    has decoded.
    """

    name: str
    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    paths: tuple[str, ...]
    groups: Tensor
    refused: tuple[SkippedFile, ...] = ()
    ignored: tuple[str, ...] = ()
    boxes: Tensor | None = None
    originals: Tensor | None = None
    jfif: Tensor | None = None
    file: Path | None = None
    given_split: Tensor | None = None
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    large_groups: tuple[tuple[int, ...], ...] = ()
    exact_shares: bool = False
    stamps: tuple[str, ...] = ()
    true_bits: Tensor | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def size(self) -> int:
        return self.images.shape[-1]

    @property
    def memory_bytes(self) -> int:
        return self.images.numel()

    @property
    def class_counts(self) -> dict[str, int]:
        """Images per class, in the order of `classes`."""
        counts = torch.bincount(self.labels, minlength=len(self.classes)).tolist()
        return dict(zip(self.classes, counts, strict=True))

    def examples(self, count: int = 9, seed: int = 0) -> list[int]:
        """Indices of a few images to show, the classes taking turns, chosen by `seed`."""
        generator = torch.Generator().manual_seed(seed)
        shuffled = torch.randperm(len(self), generator=generator)
        turns = [shuffled[self.labels[shuffled] == label].tolist() for label in range(len(self.classes))]
        mixed = [index for turn in itertools.zip_longest(*turns) for index in turn if index is not None]
        return mixed[:count]

    def mean_image(self, label: int | None = None) -> Tensor:
        """The mean of all images, or of one class: float32 (3, H, W), 0..255."""
        index = torch.arange(len(self)) if label is None else (self.labels == label).nonzero().flatten()
        return (sum_of(self.images, index).double() / len(index)).float()

    def split(self, val_share: float = 0.2, seed: int = 1337) -> tuple[Tensor, Tensor]:
        """Indices of the training and of the validation images: two sorted int64 tensors that share nothing.

        Each class gives `val_share` of itself, rounded, at least one image and never all; copies go together. Where
        the source gives validation images, these are they, and its test images are in neither part.
        """
        train, val = self.split_into((1 - val_share, val_share), seed)
        return train, val

    def split_into(self, shares: tuple[float, ...], seed: int = 1337) -> tuple[Tensor, ...]:
        """Indices divided by `shares` (they add up to 1), stratified by class, copies kept together, by `seed`.

        The second part is for validation, the third for the test: images that the source gives for these are used as
        given, whatever the share, and only the rest is divided. `redrawn` divides all.
        Raises: DataError if the shares do not add up to 1.
        """
        if min(shares) < 0 or abs(sum(shares) - 1) > 1e-6:
            raise DataError(f"The shares {shares} add up to {sum(shares):g}: they must be positive and add up to 1.")
        if self.given_split is not None and is_usable(self.given_split):
            return split_as_given(self.given_split, self.labels, self.groups, shares, seed)
        return stratified_split(self.labels, self.groups, shares, seed, self.exact_shares)

    def redrawn(self) -> ImageDataset:
        """The same images without the split that their source gives."""
        return dataclasses.replace(self, given_split=None)


def sum_of(images: Tensor, index: Tensor, batch: int = 256) -> Tensor:
    """The exact sum of the images at `index`: uint8 (N, C, H, W) -> int64 (C, H, W)."""
    total = torch.zeros(images.shape[1:], dtype=torch.int64)
    for part in index.split(batch):
        total += images[part].sum(0, dtype=torch.int64)
    return total


def needed_bytes(count: int, size: int) -> int:
    """Memory of `count` decoded colour images of size x size, in bytes.

    >>> needed_bytes(5_006, 64)
    61513728
    """
    return count * 3 * size * size


def check_size(size: int) -> None:
    """Raises: DataError if images cannot have that size."""
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise DataError(f"The image size {size} cannot be used: choose {MIN_SIZE} to {MAX_SIZE} pixels.")
