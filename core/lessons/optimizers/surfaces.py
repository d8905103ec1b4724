"""Loss surfaces of two weights, and the paths that torch.optim's optimizers take down them.

Gradients are written out, as autograd takes five times as long for two numbers; tests hold them against autograd.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from core.optim import get_optimizer

FAR = 1000.0  # so many times the map's diagonal away counts as diverged
NEAR = 0.01  # of the map's diagonal from a minimum counts as there
SETTLED = 10  # steps that it must stay there: some paths only cross it
STEPS = 150
KnobValues = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class LossSurface:
    """f of x and y: `value` and `gradient` of numbers, arrays or tensors; what is drawn of it; where to begin.

    `noise` is the standard deviation of a random slope added at each step, as a batch would: the same for every
    optimizer.
    """

    value: Callable[[Any, Any], Any]
    gradient: Callable[[Any, Any], tuple[Any, Any]]
    formula: str
    code: str  # f of x and y in Python
    description: str
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


SURFACES: dict[str, LossSurface] = {
    "Bowl": LossSurface(
        lambda x, y: (x * x + y * y) / 2,
        lambda x, y: (x, y),
        r"\tfrac12 x^2 + \tfrac12 y^2",
        "(x**2 + y**2) / 2",
        "Equally steep in all directions: the gradient points straight away from the minimum. Plain SGD overshoots it "
        "beyond a learning rate of 1 and diverges beyond 2.",
        (-3.0, 3.0), (-2.25, 2.25), (-2.2, 1.6), 0.1, ((0.0, 0.0),),
    ),
    "Ravine": LossSurface(
        lambda x, y: 0.05 * x * x + 1.25 * y * y,
        lambda x, y: (0.1 * x, 2.5 * y),
        r"0.05\,x^2 + 1.25\,y^2",
        "0.05 * x**2 + 1.25 * y**2",
        "Steep in one direction, 25 times flatter in the other: plain SGD diverges beyond a learning rate of 0.8, and "
        "up to there one of its steps covers at most 8 % of what is left along the valley.",
        (-6.0, 4.0), (-3.75, 3.75), (-5.0, 2.5), 0.1, ((0.0, 0.0),),
    ),
    "Saddle": LossSurface(
        lambda x, y: x * x / 2 + y * y * y * y / 4 - y * y / 2,
        lambda x, y: (x, y * y * y - y),
        r"\tfrac12 x^2 + \tfrac14 y^4 - \tfrac12 y^2",
        "x**2 / 2 + y**4 / 4 - y**2 / 2",
        "The gradient is also 0 at the saddle point in the middle. From y = 0 no optimizer leaves it: there is no "
        "gradient in y. A little beside it, how soon one leaves depends on the optimizer.",
        (-2.4, 2.4), (-1.8, 1.8), (-2.0, 0.01), 0.05, ((0.0, 1.0), (0.0, -1.0)),
    ),
    "Rosenbrock": LossSurface(
        lambda x, y: (1 - x) ** 2 + 100 * (y - x * x) ** 2,
        lambda x, y: (-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
        r"(1 - x)^2 + 100\,(y - x^2)^2",
        "(1 - x) ** 2 + 100 * (y - x**2) ** 2",
        "A curved valley: at the minimum its walls are 2,508 times as curved as its floor.",
        (-2.0, 2.0), (-0.5, 2.5), (-1.2, 1.0), 0.001, ((1.0, 1.0),),
    ),
    "Beale": LossSurface(
        lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y * y) ** 2 + (2.625 - x + x * y * y * y) ** 2,
        _beale_gradient,
        r"(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
        "(1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2",
        "A flat floor between steep walls: the size of the gradient is 16,962 in the corner (5, −2.5), and 128 in the "
        "corner (−1, 2).",
        (-1.0, 5.0), (-2.5, 2.0), (1.0, 1.5), 0.01, ((3.0, 0.5),),
    ),
    "Noisy": LossSurface(
        lambda x, y: 0.1 * x * x + 0.5 * y * y,
        lambda x, y: (0.2 * x, y),
        r"0.1\,x^2 + 0.5\,y^2 + n_t \cdot (x, y), \quad n_t \sim \mathcal{N}(0, 1)",
        "0.1 * x**2 + 0.5 * y**2",
        "Each step sees the gradient with a random error, as the gradient of a batch is. At a constant learning rate "
        "plain SGD keeps jumping about the minimum: to settle, its steps must shrink.",
        (-5.0, 3.0), (-3.0, 3.0), (-4.0, 2.4), 0.1, ((0.0, 0.0),), 1.0,
    ),
}  # fmt: skip


@lru_cache(maxsize=8)
def noise(name: str, steps: int, seed: int = 0) -> np.ndarray:
    """The random slopes (steps, 2) that a surface adds; zeros where it has none."""
    surface = SURFACES[name]
    return np.random.default_rng(seed).normal(0, 1, (steps, 2)) * surface.noise


@dataclass(frozen=True)
class DescentPath:
    """Where an optimizer went: points (n + 1, 2) and the surface's value there (n + 1,), start first.

    `diverged` and `arrived` are the number of the step from which it is so, or None. `stuck` are the axes along which
    there was no gradient all the way, though no minimum lies there.
    """

    points: np.ndarray
    losses: np.ndarray
    diverged: int | None
    arrived: int | None
    stuck: str = ""

    @property
    def outcome(self) -> str:
        """What became of it, in a few words."""
        if self.diverged is not None:
            return f"diverged after {self.diverged} {'step' if self.diverged == 1 else 'steps'}"
        if self.stuck:
            return f"stuck: no gradient in {self.stuck}"
        if self.arrived is not None:
            return f"at the minimum from step {self.arrived} on" if self.arrived else "starts at the minimum"
        return f"not at the minimum after {len(self.points) - 1} steps"


def path(
    surface: str, optimizer: str, start: tuple[float, float], lr: float, knobs: KnobValues = (), steps: int = STEPS
) -> DescentPath:
    """Run torch.optim's optimizer down the surface in float64; it ends early where it is FAR away."""
    entry, slopes = SURFACES[surface], noise(surface, steps)
    theta = torch.tensor(start, dtype=torch.float64)
    theta.grad = torch.zeros_like(theta)
    step = get_optimizer(optimizer).build([theta], lr, foreach=False, **dict(knobs)).step
    position, gradient = theta.numpy(), theta.grad.numpy()
    visited, limit, diverged = [tuple(start)], FAR * entry.diagonal, None
    for number in range(steps):
        x, y = position.tolist()
        gradient[:] = entry.gradient(x, y)
        gradient += slopes[number]
        step()
        visited.append(tuple(position.tolist()))
        if not max(abs(visited[-1][0]), abs(visited[-1][1])) < limit:
            diverged = number + 1
            break
    points = np.array(visited)
    with np.errstate(all="ignore"):
        losses = entry.value(points[:, 0], points[:, 1])
    return DescentPath(points, losses, diverged, None if diverged else _arrival(entry, points), _stuck(entry, points))


def _arrival(surface: LossSurface, points: np.ndarray) -> int | None:
    """The first step from which every later point is NEAR a minimum, at least SETTLED steps before the last."""
    gaps = [np.hypot(*(points - np.array(lowest)).T) for lowest in surface.minima]
    outside = np.flatnonzero(np.min(gaps, axis=0) > NEAR * surface.diagonal)
    first = int(outside[-1]) + 1 if len(outside) else 0
    return first if first + SETTLED < len(points) else None


def _stuck(surface: LossSurface, points: np.ndarray) -> str:
    """The axes along which a path has not moved at all and no minimum lies: "y", "x and y" or none."""
    axes = [
        name
        for axis, name in enumerate("xy")
        if (points[:, axis] == points[0, axis]).all() and all(low[axis] != points[0, axis] for low in surface.minima)
    ]
    return " and ".join(axes)


@lru_cache(maxsize=16)
def heights(name: str, columns: int = 112, rows: int = 84) -> np.ndarray:
    """The surface as a map (rows, columns), top row first: `height` there."""
    surface = SURFACES[name]
    x, y = np.meshgrid(np.linspace(*surface.x, columns), np.linspace(surface.y[1], surface.y[0], rows))
    return height(name, x, y)


def height(name: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How high the surface is drawn at any points: the logarithm of what is above its least, 1 at the map's highest."""
    typical, tallest = _scale_of(name)
    return np.log1p(_above(SURFACES[name], x, y) / typical) / tallest


@lru_cache(maxsize=16)
def _scale_of(name: str) -> tuple[float, float]:
    """A tenth of the median above the least over a grid of the map, and the largest logarithm there."""
    surface = SURFACES[name]
    above = _above(surface, *np.meshgrid(np.linspace(*surface.x, 112), np.linspace(*surface.y, 84)))
    typical = float(np.median(above)) / 10
    return typical, float(np.log1p(above / typical).max())


def _above(surface: LossSurface, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What is above the least value."""
    return surface.value(x, y) - min(surface.value(*minimum) for minimum in surface.minima)
