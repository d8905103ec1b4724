"""Somebody who knows each printed sign upright and whole, and is asked what a changed one looks like.

A picture is compared with every sign by correlation, wherever in the frame it lies: brightness, contrast and place do
not matter; turning, mirroring and cutting do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from core.augmentation import Augment, Augmentations
from core.lessons.augmentation.sample_images import as_image, glyph

ALPHABETS = {"digits": "0123456789", "letters": "abcdefghijklmnopqrstuvwxyz"}
SIDE = 16  # at which signs are compared
NEAR = 0.85  # correlation below which a picture is like no sign at all
SURE = 0.935  # correlation from which a sign is read without doubt: b in the mirror is a d with 0.99


@dataclass(frozen=True)
class Reading:
    """What a picture that was `own` looks most like by now, how much (correlation, at most 1), and how much it is
    still itself."""

    own: str
    name: str
    score: float
    own_score: float

    @property
    def is_another(self) -> bool:
        """Whether anybody would read another sign: the label is wrong."""
        return self.name != self.own and self.score >= SURE

    @property
    def is_doubtful(self) -> bool:
        """Whether it is nearer to another sign than to its own, though to neither without doubt."""
        return self.name != self.own and self.score < SURE

    @property
    def words(self) -> str:
        """What there is to be said of it, in a word or three."""
        if self.is_another:
            return f"{self.own} → {self.name}"
        if self.is_doubtful:
            return f"{self.own}: nearer {self.name}" if self.score >= NEAR else f"{self.own}: like none"
        return self.own


def alphabet_of(sign: str) -> str:
    """The signs among which this one is to be told apart."""
    return next(signs for signs in ALPHABETS.values() if sign in signs)


def read(images: Tensor, own: str) -> list[Reading]:
    """What each of (B, 3, S, S) looks like; `own` holds the sign that each was, one letter a picture."""
    names = alphabet_of(own[0])
    likeness = torch.fft.irfft2(spectra_of(images)[:, None] * _known(names).conj(), s=(SIDE, SIDE)).amax((2, 3))
    best = likeness.max(1)
    kept = likeness.gather(1, torch.tensor([[names.index(sign)] for sign in own]))[:, 0]
    return [
        Reading(sign, names[kind], score, own_score)
        for sign, kind, score, own_score in zip(
            own, best.indices.tolist(), best.values.tolist(), kept.tolist(), strict=True
        )
    ]


def read_changed(recipe: Augmentations, sign: str, count: int, seed: int) -> list[Reading]:
    """What a printed `sign` looks like after each of `count` draws of a recipe."""
    augment, where = Augment(recipe, 1), torch.zeros(count, dtype=torch.int64)
    changed, _ = augment(as_image(glyph(sign)), where, torch.zeros(1, dtype=torch.int64), seed, 0)
    return read(changed, sign * count)


def spectra_of(images: Tensor) -> Tensor:
    """Brightness, its mean 0 and its length 1, as a spectrum: (B, 3, S, S) -> complex (B, 16, 9)."""
    grey = F.adaptive_avg_pool2d(images.float().mean(1, keepdim=True), SIDE)[:, 0]
    grey = grey - grey.mean((1, 2), keepdim=True)
    return torch.fft.rfft2(grey / grey.flatten(1).norm(dim=1).clamp_min(1e-6)[:, None, None])


@cache
def _known(names: str) -> Tensor:
    return spectra_of(torch.cat([as_image(glyph(name)) for name in names]))
