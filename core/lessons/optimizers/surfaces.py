"""Surfaces of two weights, and the paths that torch.optim's optimizers take down them.

Gradients are written out, as autograd takes five times as long for two numbers; tests hold them against autograd.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from core.layers import optimizers

FAR = 1000.0  # so many times the picture's width away counts as diverged
NEAR = 0.01  # of the picture's diagonal from a minimum counts as there
Knobs = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Surface:
    """f of x and y: `value` and `gradient` of numbers, arrays or tensors; what is drawn of it; where to begin.

    `noise` is the deviation of a random slope added at each step, as a batch would: the same for every optimizer.
    """

    value: Callable[[Any, Any], Any]
    gradient: Callable[[Any, Any], tuple[Any, Any]]
    formula: str
    code: str  # f of x and y in Python
    words: str
    x: tuple[float, float]
    y: tuple[float, float]
    start: tuple[float, float]
    rate: float
    minima: tuple[tuple[float, float], ...]
    noise: float = 0.0

    @property
    def diagonal(self) -> float:
        return float(np.hypot(self.x[1] - self.x[0], self.y[1] - self.y[0]))


def _beale_gradient(x: Any, y: Any) -> tuple[Any, Any]:
    a, b, c = 1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y
    return (
        2 * a * (y - 1) + 2 * b * (y * y - 1) + 2 * c * (y * y * y - 1),
        2 * a * x + 4 * b * x * y + 6 * c * x * y * y,
    )


SURFACES: dict[str, Surface] = {
    "Bowl": Surface(
        lambda x, y: (x * x + y * y) / 2,
        lambda x, y: (x, y),
        r"\tfrac12 x^2 + \tfrac12 y^2",
        "(x**2 + y**2) / 2",
        "Equally steep all round: every optimizer finds the way, and too large a rate leaps over the middle.",
        (-3.0, 3.0), (-2.25, 2.25), (-2.2, 1.6), 0.1, ((0.0, 0.0),),
    ),
    "Ravine": Surface(
        lambda x, y: 0.05 * x * x + 1.25 * y * y,
        lambda x, y: (0.1 * x, 2.5 * y),
        r"0.05\,x^2 + 1.25\,y^2",
        "0.05 * x**2 + 1.25 * y**2",
        "Steep across, nearly flat along: a rate that the walls can bear hardly moves plain SGD along the floor.",
        (-6.0, 4.0), (-3.75, 3.75), (-5.0, 2.5), 0.1, ((0.0, 0.0),),
    ),
    "Saddle": Surface(
        lambda x, y: x * x / 2 + y * y * y * y / 4 - y * y / 2,
        lambda x, y: (x, y * y * y - y),
        r"\tfrac12 x^2 + \tfrac14 y^4 - \tfrac12 y^2",
        "x**2 / 2 + y**4 / 4 - y**2 / 2",
        "The gradient is 0 at the saddle in the middle, too. From y = 0 nobody leaves it; a little beside it, some do "
        "sooner.",
        (-2.4, 2.4), (-1.8, 1.8), (-2.0, 0.01), 0.05, ((0.0, 1.0), (0.0, -1.0)),
    ),
    "Rosenbrock": Surface(
        lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
        lambda x, y: (-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
        r"(1 - x)^2 + 100\,(y - x^2)^2",
        "(1 - x) ** 2 + 100 * (y - x**2) ** 2",
        "A bent valley, a hundred times steeper across than along. The valley is found at once, its lowest place late.",
        (-2.0, 2.0), (-0.5, 2.5), (-1.2, 1.0), 0.001, ((1.0, 1.0),),
    ),
    "Beale": Surface(
        lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y * y) ** 2 + (2.625 - x + x * y * y * y) ** 2,
        _beale_gradient,
        r"(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
        "(1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2",
        "A flat floor between steep walls: near the corners gradients are in the thousands.",
        (-1.0, 5.0), (-2.5, 2.0), (1.0, 1.5), 0.01, ((3.0, 0.5),),
    ),
    "Noisy": Surface(
        lambda x, y: 0.1 * x * x + 0.5 * y * y,
        lambda x, y: (0.2 * x, y),
        r"0.1\,x^2 + 0.5\,y^2 + n_t \cdot (x, y), \quad n_t \sim \mathcal{N}(0, 1)",
        "0.1 * x**2 + 0.5 * y**2",
        "Each step sees the slope with a random error, as a batch does. Steps must shrink, or they never settle.",
        (-5.0, 3.0), (-3.0, 3.0), (-4.0, 2.4), 0.1, ((0.0, 0.0),), 1.0,
    ),
}  # fmt: skip


@lru_cache(maxsize=8)
def noise(name: str, steps: int, seed: int = 0) -> np.ndarray:
    """The random slopes (steps, 2) that a surface adds; zeros where it has none."""
    surface = SURFACES[name]
    return np.random.default_rng(seed).normal(0, 1, (steps, 2)) * surface.noise


@dataclass(frozen=True)
class Path:
    """Where an optimizer went: points (n + 1, 2) and the surface's value there (n + 1,), start first.

    `diverged` and `arrived` are the number of the step from which it is so, or None.
    """

    points: np.ndarray
    losses: np.ndarray
    diverged: int | None
    arrived: int | None

    @property
    def words(self) -> str:
        """What became of it, in a few words."""
        if self.diverged is not None:
            return f"diverges: beyond all bounds after {self.diverged} steps"
        if self.arrived is not None:
            return f"at the minimum from step {self.arrived} on" if self.arrived else "begins at the minimum"
        return f"still on its way after {len(self.points) - 1} steps"


def path(
    surface: str, optimizer: str, start: tuple[float, float], lr: float, knobs: Knobs = (), steps: int = 150
) -> Path:
    """Run torch.optim's optimizer down the surface in float64; it ends early where it is FAR away."""
    place, rough = SURFACES[surface], noise(surface, steps)
    theta = torch.tensor(start, dtype=torch.float64)
    theta.grad = torch.zeros_like(theta)
    step = optimizers.build(optimizer, [theta], lr, dict(knobs)).step
    here, slope = theta.numpy(), theta.grad.numpy()
    points, limit, diverged = [tuple(start)], FAR * place.diagonal, None
    for number in range(steps):
        x, y = here.tolist()
        slope[:] = place.gradient(x, y)
        slope += rough[number]
        step()
        points.append(tuple(here.tolist()))
        if not max(abs(points[-1][0]), abs(points[-1][1])) < limit:
            diverged = number + 1
            break
    found = np.array(points)
    with np.errstate(all="ignore"):
        losses = place.value(found[:, 0], found[:, 1])
    return Path(found, losses, diverged, None if diverged else _arrival(place, found))


def _arrival(surface: Surface, points: np.ndarray) -> int | None:
    """The first step from which every later place is NEAR a minimum."""
    gaps = [np.hypot(*(points - np.array(lowest)).T) for lowest in surface.minima]
    outside = np.flatnonzero(np.min(gaps, axis=0) > NEAR * surface.diagonal)
    first = int(outside[-1]) + 1 if len(outside) else 0
    return first if first < len(points) else None


@lru_cache(maxsize=16)
def heights(name: str, columns: int = 112, rows: int = 84) -> np.ndarray:
    """The surface on its picture (rows, columns), top row first: the logarithm of what is above its least, up to 1."""
    surface = SURFACES[name]
    x, y = np.meshgrid(np.linspace(*surface.x, columns), np.linspace(surface.y[1], surface.y[0], rows))
    lowest = min(surface.value(*place) for place in surface.minima)
    above = surface.value(x, y) - lowest
    tall = np.log1p(above / (np.median(above) / 10))
    return tall / tall.max()
