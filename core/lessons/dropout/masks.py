"""One draw after another of any dropout on the maps of a photograph.

Shape suffixes: R rows of pictures shown, H height, W width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from core.layers.dropout import DROPOUTS
from core.lessons.dropout import maps

Knobs = tuple[tuple[str, float | int | bool], ...]


@dataclass(frozen=True)
class Draw:
    """One draw, as it is shown.

    before, after: (R, H, W); touched: bool (R, H, W), where a value was dropped or distorted;
    lost: the weights that were left out, bool (R, inputs), where it works on weights, else None.
    """

    before: np.ndarray
    after: np.ndarray
    touched: np.ndarray
    lost: np.ndarray | None = None

    @property
    def share(self) -> float:
        """How much was dropped or distorted, 0 to 1: of the weights where it works on weights, else of the values."""
        return float((self.touched if self.lost is None else self.lost).mean())


def build(kind: str, knobs: Knobs, seed: int, layer: nn.Module | None = None) -> nn.Module:
    """The dropout in training mode, on dice of its own."""
    generator = torch.Generator().manual_seed(seed)
    inner = (layer,) if DROPOUTS[kind].on == "weights" else ()
    return DROPOUTS[kind].build(*inner, **dict(knobs), generator=generator).train()


@torch.no_grad()
def draw(kind: str, knobs: Knobs, picture: str, seed: int) -> Draw:
    """What one kind makes of the maps of a photograph; StochasticDepth: of all five, a map of the block each."""
    if DROPOUTS[kind].on == "weights":
        return _thin_weights(knobs, picture, seed)
    if DROPOUTS[kind].on == "branch":
        return _leave_out_branches(kind, knobs, seed)
    x = maps.standardized(picture) if kind == "AlphaDropout" else maps.feature_maps(picture)
    mask = build(kind, knobs, seed).mask(x).expand_as(x)
    after = build(kind, knobs, seed)(x)
    return Draw(x[0].numpy(), after[0].numpy(), (mask[0] == 0).numpy())


def _thin_weights(knobs: Knobs, picture: str, seed: int) -> Draw:
    layer, x = maps.first_layer(picture), maps.block_input(picture)
    after = build("DropConnect", knobs, seed, layer)(x)[0]
    thinned = build("DropConnect", knobs, seed, layer).thinned((1,) if dict(knobs)["per_example"] else ())
    lost = (thinned["weight"].reshape(maps.SHOWN, -1) == 0).numpy()
    return Draw(layer(x)[0].numpy(), after.numpy(), np.zeros(after.shape, dtype=bool), lost)


def _leave_out_branches(kind: str, knobs: Knobs, seed: int) -> Draw:
    given, branch = maps.branches()
    mask = build(kind, knobs, seed).mask(branch).expand_as(branch)
    after = given + build(kind, knobs, seed)(branch)
    shown = int(branch.var((0, 2, 3)).argmax())
    return Draw(*(part[:, shown].numpy() for part in (given + branch, after, mask == 0)))
