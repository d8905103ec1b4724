"""What every dropout shares: a chance p, a mask drawn from it, and whose dice are thrown."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.errors import PlaygroundError


def checked(p: float) -> float:
    """The chance to be dropped, 0 <= p < 1. Raises: PlaygroundError if it is anything else."""
    if not 0 <= p < 1:
        raise PlaygroundError(f"p = {p:g} is no chance to be dropped that leaves anything: take 0 <= p < 1.")
    return float(p)


class Seeded:
    """A module's own dice: a mixin for those with a chance `p` to drop and a `generator`, None for torch's shared one.

    A copy of the module carries a generator of its own in the same state, so that both go on drawing the same.
    """

    p: float
    generator: torch.Generator | None

    @property
    def keep(self) -> float:
        """The chance to stay, 1 - p."""
        return 1 - self.p

    def draw(self, shape: Sequence[int], like: Tensor, chance: float | None = None) -> Tensor:
        """A mask of `shape`: 1 with `chance` (unless given, to stay), else 0; of the type and device of `like`."""
        device = self.generator.device if self.generator else like.device
        mask = torch.empty(*shape, dtype=like.dtype, device=device)
        return mask.bernoulli_(self.keep if chance is None else chance, generator=self.generator).to(like.device)

    def draw_normal(self, like: Tensor) -> Tensor:
        """Standard normal noise of the shape, type and device of `like`."""
        device = self.generator.device if self.generator else like.device
        noise = torch.empty(like.shape, dtype=like.dtype, device=device)
        return noise.normal_(generator=self.generator).to(like.device)
