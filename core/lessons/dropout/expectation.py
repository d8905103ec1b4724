"""The mean of many random masks on one value: preserved with the scaling, not without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.layers.dropout import DROPOUTS, alpha_affine, block_gamma, keep_probability, preactivation_moments
from core.layers.dropout.activations import ALPHA
from core.lessons.dropout import maps
from core.lessons.dropout.masks import DropoutSettings, build_drop_connect, build_dropout

DRAWS = 1000
CENTRE, CORNER = "Centre", "Corner"
CELLS = (CENTRE, CORNER)


@dataclass(frozen=True)
class DropoutMean:
    """One value under many random masks.

    value: without dropout; draws: with each mask (DRAWS,); unscaled: the same before scaling, None where noise is
    added; expected, std: of one draw by the formula, None where there is none; keep_probability: of the cell and,
    as `mean_keep_probability`, of all cells on average, where blocks make it depend on the cell.
    """

    value: float
    draws: np.ndarray
    unscaled: np.ndarray | None
    expected: float | None = None
    std: float | None = None
    keep_probability: float | None = None
    mean_keep_probability: float | None = None


def running_mean(values: np.ndarray) -> np.ndarray:
    """The mean of the first n values, for each n.

    >>> running_mean(np.array([2.0, 0.0, 4.0])).tolist()
    [2.0, 1.0, 2.0]
    """
    return np.cumsum(values) / np.arange(1, len(values) + 1)


@torch.no_grad()
def estimate(kind: str, settings: DropoutSettings, photograph: str, cell: str, seed: int) -> DropoutMean:
    """DRAWS masks on one value of the first map: one of CELLS, the corner being the upper left one.

    For DropConnect it is the layer's output at that position; for StochasticDepth a value of the branch.
    """
    x = _one_map(kind, photograph)
    row, column = position_of_cell(x, cell)
    if DROPOUTS[kind].on == "weights":
        return _estimate_weights(settings, photograph, row, column, seed)
    if kind in ("DropBlock", "Disout"):
        return _estimate_blocks(kind, settings, x, row, column, seed)
    value, p = float(x[0, 0, row, column]), dict(settings)["p"]
    draws = build_dropout(kind, settings, seed)(x.expand(DRAWS, -1, -1, -1))[:, 0, row, column].double().numpy()
    if kind == "AlphaDropout":
        scale, shift = alpha_affine(p)
        std = scale * abs(value - ALPHA) * (p * (1 - p)) ** 0.5
        return DropoutMean(value, draws, (draws - shift) / scale, scale * (1 - p) * value, std)
    return DropoutMean(value, draws, draws * (1 - p), value, abs(value) * (p / (1 - p)) ** 0.5)


def _one_map(kind: str, photograph: str) -> Tensor:
    """The map that the value is taken from, (1, 1, 28, 28)."""
    if DROPOUTS[kind].on == "branch":
        branch = maps.activations(photograph).branch
        return branch[:, [int(branch.var((0, 2, 3)).argmax())]]
    return (maps.standardized if kind == "AlphaDropout" else maps.feature_maps)(photograph)[:, :1]


def position_of_cell(x_BCHW: Tensor, cell: str) -> tuple[int, int]:
    """Row and column of a cell of the first map."""
    height, width = x_BCHW.shape[-2:]
    return (0, 0) if cell == CORNER else (height // 2, width // 2)


def _estimate_blocks(kind: str, settings: DropoutSettings, x: Tensor, row: int, column: int, seed: int) -> DropoutMean:
    """Blocks: each mask is a batch of its own, so kept values are divided by the share of that mask alone."""
    values: dict[str, Any] = dict(settings)
    sides, value = x.shape[-2:], float(x[0, 0, row, column])
    gamma = block_gamma(values["p"], values["block_size"], *sides)
    every = keep_probability(gamma, values["block_size"], *sides)
    keep, mean_keep = every[row, column].item(), every.mean().item()
    module = build_dropout(kind, settings, seed)
    masks = module.mask(x.expand(DRAWS, -1, -1, -1))
    mask, shares = masks[:, 0, row, column].double(), masks.mean((1, 2, 3)).double()
    shares[shares == 0] = 1  # nothing is kept that could be divided
    if kind == "DropBlock":
        draws = value * mask
        return DropoutMean(value, (draws / shares).numpy(), draws.numpy(), None, None, keep, mean_keep)
    noise = values["alpha"] * module.strength(x) * x.std().item() * module.sample_normal(mask)
    draws = (value * mask + noise * (1 - mask)) / shares
    return DropoutMean(value, draws.numpy(), None, None, None, keep, mean_keep)


def _estimate_weights(settings: DropoutSettings, photograph: str, row: int, column: int, seed: int) -> DropoutMean:
    """One output of the first layer: a sum over the 40 values at its position, other weights dropped in each draw."""
    layer, p = maps.first_layer(photograph), dict(settings)["p"]
    x = maps.block_input(photograph)[..., row : row + 1, column : column + 1]
    module = build_drop_connect(tuple((dict(settings) | {"per_example": True}).items()), seed, layer)
    draws = module(x.expand(DRAWS, -1, -1, -1))[:, 0, 0, 0].double().numpy()
    mean, variance = (moment[0, 0, 0, 0].item() for moment in preactivation_moments(module, x))
    return DropoutMean(mean, draws, draws * (1 - p), mean, variance**0.5)
