"""Template matching: which printed character an augmented one looks like most.

An image is compared with every character by its largest cross-correlation over all shifts: brightness, contrast and
position do not matter; rotation, reflection and cropping do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from core.augmentation import Augment, Augmentations
from core.lessons.augmentation.sample_images import as_batch, glyph

ALPHABETS = {"Digits": "0123456789", "Letters": "abcdefghijklmnopqrstuvwxyz"}
SIDE = 16  # at which characters are compared
SIMILAR = 0.85  # below this correlation an image is like no character
CERTAIN = 0.935  # from this correlation the match is clear: a mirrored b matches d with 0.99


@dataclass(frozen=True)
class TemplateMatch:
    """The best template for an image of the character `own`, and its correlation (at most 1)."""

    own: str
    name: str
    score: float

    @property
    def is_confused(self) -> bool:
        """Whether it clearly matches another character: the label is wrong."""
        return self.name != self.own and self.score >= CERTAIN

    @property
    def is_doubtful(self) -> bool:
        """Whether another character matches better than its own, but not clearly."""
        return self.name != self.own and self.score < CERTAIN

    @property
    def description(self) -> str:
        """A short description."""
        if self.is_confused:
            return f"{self.own} → {self.name}"
        if self.is_doubtful:
            return f"{self.own}: more like {self.name}" if self.score >= SIMILAR else f"{self.own}: like none"
        return self.own


def match(images: Tensor, own: str) -> list[TemplateMatch]:
    """The best template for each of (B, 3, S, S); `own` holds their characters, one per image."""
    names = next(alphabet for alphabet in ALPHABETS.values() if own[0] in alphabet)
    correlation = torch.fft.irfft2(spectra(images)[:, None] * _templates(names).conj(), s=(SIDE, SIDE)).amax((2, 3))
    scores, indices = (column.tolist() for column in correlation.max(1))
    return [TemplateMatch(*one) for one in zip(own, (names[index] for index in indices), scores, strict=True)]


def match_augmented(recipe: Augmentations, character: str, count: int, seed: int) -> list[TemplateMatch]:
    """The best templates for `count` random samples of a printed character."""
    augment, index = Augment(recipe, 1), torch.zeros(count, dtype=torch.int64)
    augmented, _ = augment(as_batch(glyph(character)), index, torch.zeros(1, dtype=torch.int64), seed, 0)
    return match(augmented, character * count)


def spectra(images: Tensor) -> Tensor:
    """The spectrum of the brightness, normalized to mean 0 and length 1: (B, 3, S, S) -> complex (B, 16, 9)."""
    grey = F.adaptive_avg_pool2d(images.float().mean(1, keepdim=True), SIDE)[:, 0]
    grey = grey - grey.mean((1, 2), keepdim=True)
    return torch.fft.rfft2(grey / grey.flatten(1).norm(dim=1).clamp_min(1e-6)[:, None, None])


@cache
def _templates(names: str) -> Tensor:
    return spectra(torch.cat([as_batch(glyph(name)) for name in names]))
