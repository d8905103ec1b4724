"""What every dropout shares: a drop probability p, a random mask, and the generator that draws it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.errors import PlaygroundError


def check_probability(p: float) -> float:
    """The drop probability itself, 0 <= p < 1. Raises: PlaygroundError if it is anything else."""
    if not 0 <= p < 1:
        raise PlaygroundError(f"p = {p:g} is not a valid drop probability: choose 0 <= p < 1.")
    return float(p)


class RandomMask:
    """A mixin for modules with a drop probability `p` and a `generator` of their own; None is torch's shared one.

    A copy of the module carries a generator of its own in the same state, so that both go on with the same masks.
    """

    p: float
    generator: torch.Generator | None

    @property
    def keep(self) -> float:
        """The probability of being kept, 1 - p."""
        return 1 - self.p

    def sample_mask(self, shape: Sequence[int], like: Tensor, probability: float | None = None) -> Tensor:
        """A mask of `shape`: 1 with `probability` (`keep` unless given), else 0; type and device as `like`."""
        mask = self._empty(shape, like)
        mask.bernoulli_(self.keep if probability is None else probability, generator=self.generator)
        return mask.to(like.device)

    def sample_normal(self, like: Tensor) -> Tensor:
        """Standard normal noise of the shape, type and device of `like`."""
        return self._empty(like.shape, like).normal_(generator=self.generator).to(like.device)

    def _empty(self, shape: Sequence[int], like: Tensor) -> Tensor:
        """Where the generator draws, which is not always where `like` is."""
        device = self.generator.device if self.generator else like.device
        return torch.empty(*shape, dtype=like.dtype, device=device)
