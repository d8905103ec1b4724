"""Activation functions: curve and slope, a Gaussian batch, 16-bit precision, learnable ones, and depth without any."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from core.layers.activations import ACTIVATIONS, value_and_slope
from core.lessons.experiments import optimizer_step

ActivationKnobs = tuple[tuple[str, object], ...]
FORMATS = (torch.float16, torch.bfloat16)
HALF = 120
SAME = 1e-9  # slopes that differ by less count as equal
FINE = 999  # points between two of the grid, where something is to be located exactly
SATURATION_SLOPE = 0.05  # an activation is flat where its |slope| is below: a twentieth of the gradient passes
ALL_X = 1e4  # as far as a slope comes to its limit


def build(name: str, knobs: ActivationKnobs = ()) -> nn.Module:
    """An entry's module with these knobs and its defaults for the rest."""
    entry = ACTIVATIONS[name]
    return entry.build(**(entry.defaults | dict(knobs)))


@dataclass(frozen=True)
class ActivationCurve:
    """One activation on a grid: x, y and slope (N,) float64, and what lies between the points of the grid.

    span: the smallest and the largest y; max_slope: the slope of the largest size, with its sign, and the first and
    last x that have it; saturated_ranges: the ranges of x where the activation is flat, its |slope| below
    SATURATION_SLOPE. All x are exact to a thousandth of a step of the grid.
    """

    x: np.ndarray
    y: np.ndarray
    slope: np.ndarray
    span: tuple[float, float]
    max_slope: tuple[float, float, float]
    saturated_ranges: tuple[tuple[float, float], ...]

    @property
    def saturated(self) -> np.ndarray:
        """Where on the grid the activation is flat, its |slope| below SATURATION_SLOPE, (N,) bool."""
        return np.abs(self.slope) < SATURATION_SLOPE


def curve(name: str, knobs: ActivationKnobs = (), reach: float = 6.0) -> ActivationCurve:
    """An entry from -reach to reach, HALF steps to each side of zero."""
    module = build(name, knobs).double()
    x = torch.arange(-HALF, HALF + 1, dtype=torch.float64) * (reach / HALF)
    y, slope = (values.numpy() for values in value_and_slope(module, x))
    fine_x = _refined(x.numpy(), y, slope)
    fine_y, fine_slope = (values.numpy() for values in value_and_slope(module, torch.from_numpy(fine_x)))
    size = np.abs(fine_slope)
    peak = int(size.argmax())
    first, last = ranges(fine_x, size > size[peak] - SAME)[0]
    if last - first < reach / HALF:  # a peak, not a plateau
        first = last = float(fine_x[peak])
    saturated = tuple((a, b) for a, b in ranges(fine_x, size < SATURATION_SLOPE) if b > a)
    span = (float(fine_y.min()), float(fine_y.max()))
    return ActivationCurve(x.numpy(), y, slope, span, (float(fine_slope[peak]), first, last), saturated)


@lru_cache(maxsize=256)
def steepest_slope(name: str, knobs: ActivationKnobs = ()) -> float:
    """The supremum of |dy/dx| over all x to four digits, where it is reached and where it is only approached.

    >>> steepest_slope("Sigmoid"), steepest_slope("Softplus"), round(curve("Softplus").max_slope[0], 4)
    (0.25, 1.0, 0.9975)
    """
    ends = value_and_slope(build(name, knobs).double(), torch.tensor([-ALL_X, ALL_X], dtype=torch.float64))[1]
    return max(ends.abs().max().item(), *(abs(curve(name, knobs, reach).max_slope[0]) for reach in (2.0, 6.0, 50.0)))


def _refined(x: np.ndarray, y: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """The grid, with FINE more points in each cell beside an extreme of y or of the slope, or where saturation ends."""
    size = np.abs(slope)
    ends = {int(end) for state in (size < SATURATION_SLOPE, size > size.max() - SAME)
            for end in np.flatnonzero(state[1:] != state[:-1])}  # fmt: skip
    ends |= {end for extreme in (y.argmin(), y.argmax()) for end in (int(extreme) - 1, int(extreme))}
    cells = [np.linspace(x[end], x[end + 1], FINE + 2)[1:-1] for end in ends if 0 <= end < len(x) - 1]
    return np.sort(np.concatenate([x, *cells]))


def ranges(x: np.ndarray, where: np.ndarray) -> list[tuple[float, float]]:
    """The runs of x (N,) in which `where` (N,) bool holds, as (first, last).

    >>> ranges(np.arange(6.0), np.array([1, 1, 0, 0, 1, 0], bool))
    [(0.0, 1.0), (4.0, 4.0)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], where, [False])).astype(int)))
    return [(float(x[a]), float(x[b - 1])) for a, b in zip(edges[::2], edges[1::2], strict=True)]


@dataclass(frozen=True)
class ActivatedBatch:
    """A Gaussian batch before and after: values (N,), and how many of them are dead (slope 0) or flat."""

    before: np.ndarray
    after: np.ndarray
    dead: tuple[int, int]  # of how many
    saturated: tuple[int, int]  # the dead ones included


def gaussian_batch(
    name: str, knobs: ActivationKnobs, mean: float, std: float, seed: int, count: int = 4096
) -> ActivatedBatch:
    """An activation applied to `count` normally distributed values."""
    x = torch.randn(count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * std + mean
    y, slope = value_and_slope(build(name, knobs).double(), x)
    return ActivatedBatch(
        x.numpy(), y.numpy(), (int((slope == 0).sum()), count), (int((slope.abs() < SATURATION_SLOPE).sum()), count)
    )


@dataclass(frozen=True)
class OutputPrecision:
    """An activation's largest output for inputs up to `reach`, and the spacing of a number format there."""

    largest: float
    spacing: float


def spacing(value: float, dtype: torch.dtype) -> float:
    """The distance from `value` to the next larger number of a floating-point format.

    >>> spacing(6.0, torch.float16), spacing(1000.0, torch.float16), spacing(1000.0, torch.bfloat16)
    (0.00390625, 0.5, 4.0)
    """
    exponent = math.floor(math.log2(abs(value))) if value else math.log2(torch.finfo(dtype).smallest_normal)
    return torch.finfo(dtype).eps * 2.0**exponent


def precision(name: str, knobs: ActivationKnobs, reach: float, dtype: torch.dtype) -> OutputPrecision:
    """The largest output for inputs from -reach to reach, and the spacing of a 16-bit format there."""
    x = torch.linspace(-reach, reach, 4001, dtype=torch.float64)
    largest = build(name, knobs).double()(x).detach().abs().max().item()
    return OutputPrecision(largest, spacing(largest, dtype))


@dataclass(frozen=True)
class LinearCollapse:
    """A stack of linear layers vs. one: the outputs of both for the same inputs, (500, width) each."""

    stack: np.ndarray
    matrix: np.ndarray

    @property
    def error(self) -> float:
        """The largest difference of an output."""
        return float(np.abs(self.stack - self.matrix).max())

    @property
    def scale(self) -> float:
        """The largest output of the stack, in absolute value."""
        return float(np.abs(self.stack).max())

    @property
    def variation(self) -> float:
        """By how much the inputs change an output of the stack at most."""
        return float(np.ptp(self.stack, axis=0).max())


def collapse(name: str | None, depth: int, width: int = 16, seed: int = 0) -> LinearCollapse:
    """`depth` linear layers, with an activation between them or none, vs. the one linear layer that fits them best.

    Without an activation that is the product of their matrices. With one, matrix and bias are fitted by least squares
    to 2,000 inputs. float64; the outputs are for 500 inputs that were not fitted.
    """
    generator = torch.Generator().manual_seed(seed)
    weights = [torch.randn(width, width, generator=generator, dtype=torch.float64) * width**-0.5 for _ in range(depth)]
    activation = build(name).double() if name else nn.Identity()

    def stack(x: Tensor) -> Tensor:
        for number, weight in enumerate(weights):
            x = x @ weight.T
            x = activation(x) if number < depth - 1 else x
        return x.detach()

    fitted, held_out = (torch.randn(n, width, generator=generator, dtype=torch.float64) for n in (2000, 500))
    if name is None:
        one_layer = held_out @ (torch.linalg.multi_dot([w.T for w in weights]) if depth > 1 else weights[0].T)
    else:
        inputs, outputs = (nn.functional.pad(x, (0, 1), value=1.0) for x in (fitted, held_out))  # 1 for the bias
        one_layer = outputs @ torch.linalg.lstsq(inputs, stack(fitted)).solution
    return LinearCollapse(stack(held_out).numpy(), one_layer.numpy())


@dataclass(frozen=True)
class FitStep:
    """One step of a fit: its loss, the learned parameters by name, and the curve (N,) on `FIT_X`."""

    step: int
    loss: float
    parameters: tuple[tuple[str, tuple[float, ...]], ...]
    y: np.ndarray


FIT_X = torch.linspace(-4, 4, 161)
FIT_STEPS = 400
LEARNABLE = tuple(name for name in ACTIVATIONS if [*build(name).parameters()])
TARGETS = {
    "Leaky ReLU, slope 0.4": lambda x: torch.where(x > 0, x, 0.4 * x),
    "Swish, beta 3": lambda x: x * torch.sigmoid(3 * x),
    "Absolute value": torch.abs,
}


def target(name: str) -> np.ndarray:
    """The target curve on FIT_X."""
    return TARGETS[name](FIT_X).numpy()


def fit(name: str, goal: str, learning_rate: float, seed: int, steps: int = FIT_STEPS) -> Iterator[FitStep]:
    """SGD on an activation's own parameters (mean squared error, 64 new normally distributed inputs per step)."""
    generator, module = torch.Generator().manual_seed(seed), build(name)
    optimizer = torch.optim.SGD(module.parameters(), lr=learning_rate)
    for step in range(steps + 1):
        x = 1.5 * torch.randn(64, generator=generator)
        loss = nn.functional.mse_loss(module(x), TARGETS[goal](x))
        parameters = tuple((key, tuple(p.flatten().tolist())) for key, p in module.named_parameters())
        yield FitStep(step, loss.item(), parameters, module(FIT_X).detach().numpy())
        optimizer_step(optimizer, loss)
