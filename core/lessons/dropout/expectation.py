"""What many draws make of one value: with the scaling its mean stays, without it does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.layers.dropout import DROPOUTS, alpha_affine, block_gamma, preactivation_moments, stay_chance
from core.layers.dropout.signal import ALPHA
from core.lessons.dropout import maps
from core.lessons.dropout.masks import Knobs, build

DRAWS = 1000
CELLS = ("the middle", "a corner")


@dataclass(frozen=True)
class Means:
    """Many draws of one value.

    value: without dropout; values: of each draw (DRAWS,); unscaled: the same draws before they are scaled, None where
    noise comes in; expected, deviation: of one draw by the formula, None where there is none; chance: of the cell to
    stay, where blocks make it depend on the cell.
    """

    value: float
    values: np.ndarray
    unscaled: np.ndarray | None
    expected: float | None = None
    deviation: float | None = None
    chance: float | None = None


def running(values: np.ndarray) -> np.ndarray:
    """The mean of the first n values, for each n.

    >>> running(np.array([2.0, 0.0, 4.0])).tolist()
    [2.0, 1.0, 2.0]
    """
    return np.cumsum(values) / np.arange(1, len(values) + 1)


@torch.no_grad()
def means(kind: str, knobs: Knobs, picture: str, cell: str, seed: int) -> Means:
    """DRAWS draws of one value of the first map shown: one of CELLS, the corner being the upper left one.

    On weights it is what the layer makes of that place; for StochasticDepth a value of the branch.
    """
    x = _one_map(kind, picture)
    row, column = place(x, cell)
    if DROPOUTS[kind].on == "weights":
        return _of_weights(knobs, picture, row, column, seed)
    if kind in ("DropBlock", "Disout"):
        return _of_blocks(kind, knobs, x, row, column, seed)
    value, p = float(x[0, 0, row, column]), dict(knobs)["p"]
    values = build(kind, knobs, seed)(x.expand(DRAWS, -1, -1, -1))[:, 0, row, column].double().numpy()
    if kind == "AlphaDropout":
        scale, shift = alpha_affine(p)
        spread = scale * abs(value - ALPHA) * (p * (1 - p)) ** 0.5
        return Means(value, values, (values - shift) / scale, scale * (1 - p) * value, spread)
    return Means(value, values, values * (1 - p), value, abs(value) * (p / (1 - p)) ** 0.5)


def _one_map(kind: str, picture: str) -> Tensor:
    """The map that the value is taken from, (1, 1, 28, 28)."""
    if DROPOUTS[kind].on == "branch":
        branch = maps.look(picture).branch
        return branch[:, [int(branch.var((0, 2, 3)).argmax())]]
    return (maps.standardized if kind == "AlphaDropout" else maps.feature_maps)(picture)[:, :1]


def place(x_BCHW: Tensor, cell: str) -> tuple[int, int]:
    """Row and column of a cell of the first map."""
    height, width = x_BCHW.shape[-2:]
    return (0, 0) if cell == "a corner" else (height // 2, width // 2)


def _of_blocks(kind: str, knobs: Knobs, x: Tensor, row: int, column: int, seed: int) -> Means:
    """Blocks, each draw a batch of its own: what stays is divided by the share of that draw alone."""
    asked, sides, value = dict(knobs), x.shape[-2:], float(x[0, 0, row, column])
    gamma = block_gamma(asked["p"], asked["block_size"], *sides)
    chance = stay_chance(gamma, asked["block_size"], *sides)[row, column].item()
    module = build(kind, knobs, seed)
    masks = module.mask(x.expand(DRAWS, -1, -1, -1))
    stays, shares = masks[:, 0, row, column].double(), masks.mean((1, 2, 3)).double()
    shares[shares == 0] = 1  # then nothing stays that could be divided
    if kind == "DropBlock":
        return Means(value, (value * stays / shares).numpy(), (value * stays).numpy(), chance=chance)
    noise = asked["alpha"] * module.strength(x) * x.std().item() * module.draw_normal(stays)
    return Means(value, ((value * stays + noise * (1 - stays)) / shares).numpy(), None, chance=chance)


def _of_weights(knobs: Knobs, picture: str, row: int, column: int, seed: int) -> Means:
    """One output of the first layer: a sum over the 40 values at its place, with weights of its own in each draw."""
    layer, p = maps.first_layer(picture), dict(knobs)["p"]
    x = maps.block_input(picture)[..., row : row + 1, column : column + 1]
    module = build("DropConnect", tuple((dict(knobs) | {"per_example": True}).items()), seed, layer)
    values = module(x.expand(DRAWS, -1, -1, -1))[:, 0, 0, 0].double().numpy()
    mean, variance = (found[0, 0, 0, 0].item() for found in preactivation_moments(module, x))
    return Means(mean, values, values * (1 - p), mean, variance**0.5)
