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
NEARLY_FLAT = 0.05  # a slope under this counts as saturated: gradient passes at a twentieth of its size or less


def build(name: str, knobs: Knobs = ()) -> nn.Module:
    """An entry's module with these knobs and its defaults for the rest."""
    entry = ACTIVATIONS[name]
    return entry.build(**({key: knob.default for key, knob in entry.knobs.items()} | dict(knobs)))


@dataclass(frozen=True)
class Curve:
    """One activation on a grid: x, y and slope (N,) float64, and the steepest slope on that grid."""

    x: np.ndarray
    y: np.ndarray
    slope: np.ndarray

    @property
    def flat(self) -> np.ndarray:
        """Where the slope is under NEARLY_FLAT, (N,) bool."""
        return np.abs(self.slope) < NEARLY_FLAT

    @property
    def steepest(self) -> tuple[float, float]:
        """The largest slope in size, and the x where it is first reached."""
        place = int(np.argmax(np.round(np.abs(self.slope), 9)))
        return float(self.slope[place]), float(self.x[place])


def curve(name: str, knobs: Knobs = (), reach: float = 6.0) -> Curve:
    """An entry from -reach to reach, HALF steps to each side of zero."""
    x = torch.arange(-HALF, HALF + 1, dtype=torch.float64) * (reach / HALF)
    y, slope = value_and_slope(build(name, knobs).double(), x)
    return Curve(x.numpy(), y.numpy(), slope.numpy())


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
    """A stack of linear layers against one matrix: the largest difference of their answers, and how large those are."""

    error: float
    scale: float


def collapse(name: str | None, depth: int, width: int = 16, seed: int = 0) -> Collapse:
    """`depth` linear layers, with an activation between them or none, against the one matrix that fits them best.

    Without an activation that matrix is the product of theirs. With one it is found by least squares over 2,000 inputs.
    float64; the difference is taken on 500 inputs that were not fitted.
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
    answer = deep(unseen)
    return Collapse((answer - unseen @ matrix).abs().max().item(), answer.abs().max().item())


@dataclass(frozen=True)
class Fit:
    """One moment of a fit: the step, its loss, the learnt numbers by name, and the curve (N,) on `FIT_X`."""

    step: int
    loss: float
    learnt: tuple[tuple[str, tuple[float, ...]], ...]
    y: np.ndarray


FIT_X = torch.linspace(-4, 4, 161)
LEARNERS = ("PReLU", "SiLU (Swish)", "Maxout")
TARGETS = {
    "leaky line, slope 0.4": lambda x: torch.where(x > 0, x, 0.4 * x),
    "Swish, beta 3": lambda x: x * torch.sigmoid(3 * x),
    "absolute value": torch.abs,
}


def target(name: str) -> np.ndarray:
    """The curve to be learnt, on FIT_X."""
    return TARGETS[name](FIT_X).numpy()


def fit(name: str, goal: str, learning_rate: float, seed: int, steps: int = 400) -> Iterator[Fit]:
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
