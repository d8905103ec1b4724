"""What an activation does: its curve and slope, what becomes of a Gaussian batch, of 16 bits, of depth without it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.layers.activations import ACTIVATIONS, value_and_slope

Knobs = tuple[tuple[str, object], ...]
FORMATS = (torch.float16, torch.bfloat16)
HALF = 120
SAME = 1e-9  # slopes that differ by less are one
FINE = 999  # places between two of the grid, where something is to be found exactly
NEARLY_FLAT = 0.05  # a slope under this counts as saturated: gradient passes at a twentieth of its size or less


def build(name: str, knobs: Knobs = ()) -> nn.Module:
    """An entry's module with these knobs and its defaults for the rest."""
    entry = ACTIVATIONS[name]
    return entry.build(**({key: knob.default for key, knob in entry.knobs.items()} | dict(knobs)))


@dataclass(frozen=True)
class Curve:
    """One activation on a grid: x, y and slope (N,) float64, and what lies between the grid's places.

    span: the least and the largest y; steepest: the largest slope in size, with its sign, and the first and last x that
    have it; flats: the stretches of x whose slope is under NEARLY_FLAT. Places are true to a thousandth of a step of
    the grid.
    """

    x: np.ndarray
    y: np.ndarray
    slope: np.ndarray
    span: tuple[float, float]
    steepest: tuple[float, float, float]
    flats: tuple[tuple[float, float], ...]

    @property
    def flat(self) -> np.ndarray:
        """Where on the grid the slope is under NEARLY_FLAT, (N,) bool."""
        return np.abs(self.slope) < NEARLY_FLAT


def curve(name: str, knobs: Knobs = (), reach: float = 6.0) -> Curve:
    """An entry from -reach to reach, HALF steps to each side of zero."""
    module = build(name, knobs).double()
    x = torch.arange(-HALF, HALF + 1, dtype=torch.float64) * (reach / HALF)
    y, slope = (found.numpy() for found in value_and_slope(module, x))
    fine_x = _refined(x.numpy(), y, slope)
    fine_y, fine_slope = (found.numpy() for found in value_and_slope(module, torch.from_numpy(fine_x)))
    size = np.abs(fine_slope)
    most = int(size.argmax())
    first, last = stretches(fine_x, size > size[most] - SAME)[0]
    if last - first < reach / HALF:  # a peak, not a plateau
        first = last = float(fine_x[most])
    flats = tuple((a, b) for a, b in stretches(fine_x, size < NEARLY_FLAT) if b > a)
    span = (float(fine_y.min()), float(fine_y.max()))
    return Curve(x.numpy(), y, slope, span, (float(fine_slope[most]), first, last), flats)


def _refined(x: np.ndarray, y: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """The grid, with FINE places more in each cell beside an extreme of y or of the slope, or where flatness ends."""
    size = np.abs(slope)
    ends = {int(end) for state in (size < NEARLY_FLAT, size > size.max() - SAME)
            for end in np.flatnonzero(state[1:] != state[:-1])}  # fmt: skip
    ends |= {end for place in (y.argmin(), y.argmax()) for end in (int(place) - 1, int(place))}
    cells = [np.linspace(x[end], x[end + 1], FINE + 2)[1:-1] for end in ends if 0 <= end < len(x) - 1]
    return np.sort(np.concatenate([x, *cells]))


def stretches(x: np.ndarray, where: np.ndarray) -> list[tuple[float, float]]:
    """The runs of x (N,) in which `where` (N,) bool holds, as (first, last).

    >>> stretches(np.arange(6.0), np.array([1, 1, 0, 0, 1, 0], bool))
    [(0.0, 1.0), (4.0, 4.0)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], where, [False])).astype(int)))
    return [(float(x[a]), float(x[b - 1])) for a, b in zip(edges[::2], edges[1::2], strict=True)]


@dataclass(frozen=True)
class Batch:
    """A Gaussian batch before and after: values (N,), and what share of the units is dead (slope 0) or nearly flat."""

    before: np.ndarray
    after: np.ndarray
    dead: tuple[int, int]  # of how many
    flat: tuple[int, int]


def gaussian_batch(name: str, knobs: Knobs, mean: float, deviation: float, seed: int, count: int = 4096) -> Batch:
    """What becomes of `count` normal values."""
    x = torch.randn(count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) * deviation + mean
    y, slope = value_and_slope(build(name, knobs).double(), x)
    return Batch(
        x.numpy(), y.numpy(), (int((slope == 0).sum()), count), (int((slope.abs() < NEARLY_FLAT).sum()), count)
    )


@dataclass(frozen=True)
class Precision:
    """An activation's largest output for inputs up to `reach`, and the gap to the next number of a format there."""

    largest: float
    gap: float
    worst_error: float  # largest difference to float64, for inputs that the format holds exactly


def gap(value: float, dtype: torch.dtype) -> float:
    """The distance from `value` to the next larger number of a floating-point format.

    >>> gap(6.0, torch.float16), gap(1000.0, torch.float16), gap(1000.0, torch.bfloat16)
    (0.00390625, 0.5, 4.0)
    """
    exponent = math.floor(math.log2(abs(value))) if value else math.log2(torch.finfo(dtype).smallest_normal)
    return torch.finfo(dtype).eps * 2.0**exponent


def precision(name: str, knobs: Knobs, reach: float, dtype: torch.dtype) -> Precision:
    """What a 16-bit format makes of an activation for inputs from -reach to reach."""
    x = torch.linspace(-reach, reach, 4001).to(dtype)
    exact = build(name, knobs).double()(x.double()).detach()
    short = build(name, knobs).to(dtype)(x).detach().double()
    largest = exact.abs().max().item()
    return Precision(largest, gap(largest, dtype), (short - exact).abs().max().item())


@dataclass(frozen=True)
class Collapse:
    """A stack of linear layers against one matrix: the answers of both to the same inputs, (500, width) each."""

    deep: np.ndarray
    one: np.ndarray

    @property
    def error(self) -> float:
        """The largest difference of an answer."""
        return float(np.abs(self.deep - self.one).max())

    @property
    def scale(self) -> float:
        """The largest answer of the stack, in size."""
        return float(np.abs(self.deep).max())


def collapse(name: str | None, depth: int, width: int = 16, seed: int = 0) -> Collapse:
    """`depth` linear layers, with an activation between them or none, against the one matrix that fits them best.

    Without an activation that matrix is the product of theirs. With one it is found by least squares over 2,000 inputs.
    float64; the answers are to 500 inputs that were not fitted.
    """
    generator = torch.Generator().manual_seed(seed)
    weights = [torch.randn(width, width, generator=generator, dtype=torch.float64) * width**-0.5 for _ in range(depth)]
    activation = build(name).double() if name else nn.Identity()

    def deep(x: Tensor) -> Tensor:
        for number, weight in enumerate(weights):
            x = x @ weight.T
            x = activation(x) if number < depth - 1 else x
        return x.detach()

    seen, unseen = (torch.randn(n, width, generator=generator, dtype=torch.float64) for n in (2000, 500))
    if name is None:
        matrix = torch.linalg.multi_dot([w.T for w in weights]) if depth > 1 else weights[0].T
    else:
        matrix = torch.linalg.lstsq(seen, deep(seen)).solution
    return Collapse(deep(unseen).numpy(), (unseen @ matrix).numpy())


@dataclass(frozen=True)
class Fit:
    """One moment of a fit: the step, its loss, the learnt numbers by name, and the curve (N,) on `FIT_X`."""

    step: int
    loss: float
    learnt: tuple[tuple[str, tuple[float, ...]], ...]
    y: np.ndarray


FIT_X = torch.linspace(-4, 4, 161)
FIT_STEPS = 400
LEARNERS = ("PReLU", "SiLU (Swish)", "Maxout")
TARGETS = {
    "leaky line, slope 0.4": lambda x: torch.where(x > 0, x, 0.4 * x),
    "Swish, beta 3": lambda x: x * torch.sigmoid(3 * x),
    "absolute value": torch.abs,
}


def target(name: str) -> np.ndarray:
    """The curve to be learnt, on FIT_X."""
    return TARGETS[name](FIT_X).numpy()


def fit(name: str, goal: str, learning_rate: float, seed: int, steps: int = FIT_STEPS) -> Iterator[Fit]:
    """Gradient descent (SGD, mean squared error, 64 fresh normal inputs a step) on an activation's own parameters."""
    generator, module = torch.Generator().manual_seed(seed), build(name)
    optimizer = torch.optim.SGD(module.parameters(), lr=learning_rate)
    for step in range(steps + 1):
        x = 1.5 * torch.randn(64, generator=generator)
        loss = nn.functional.mse_loss(module(x), TARGETS[goal](x))
        with torch.no_grad():
            learnt = tuple((key, tuple(p.flatten().tolist())) for key, p in module.named_parameters())
            yield Fit(step, loss.item(), learnt, module(FIT_X).numpy())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
