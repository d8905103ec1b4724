"""How the scale of the first weights decides what reaches the last layer: many seeds beside the theory of wide layers.

Shape suffixes: B batch, F features (the layers' width).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from core.knobs import Knob, knob
from core.layers.activations import ACTIVATIONS
from core.layers.initialization import INITIALIZATIONS, initialize, one_by_one
from core.lessons.activations import build
from core.lessons.gradients.network import Linear

BATCH = 128
SEEDS = 9  # an odd number: the median is that of one seed
KnobValues = tuple[tuple[str, float], ...]
DEPTH_KNOB = Knob(20, 2, 30, label="Depth", help="Number of layers.")
WITHOUT_THEORY = ("Constant", "Identity", "LSUV")  # not random with mean 0, or made to fit by looking at the data


@dataclass(frozen=True)
class LinearStack:
    """Equal linear layers without bias, each followed by the activation, on a normal batch."""

    activation: str = knob("ReLU", choices=tuple(ACTIVATIONS), label="Activation")
    depth: int = knob(20, 1, 30, label="Depth", help="Number of layers.")
    width: int = knob(64, 8, 64, step=8, label="Width", help="Units in each layer, and values in the input.")
    gain: float = knob(1.0, 0.1, 3.0, step=0.1, label="Gain", help="Multiplies every weight after initialization.")


@dataclass(frozen=True)
class SignalStatistics:
    """Of every layer's outputs, the input first: mean and variance (seeds, depth + 1), and by theory (depth + 1,).

    Both theories are None where weights are not random with mean 0.
    """

    mean: np.ndarray
    variance: np.ndarray
    mean_theory: np.ndarray | None
    variance_theory: np.ndarray | None

    def band(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Minimum, median and maximum over the seeds, each (depth + 1,)."""
        low, middle, high = np.quantile(getattr(self, name), (0, 0.5, 1), axis=0)
        return low, middle, high

    @property
    def factors(self) -> np.ndarray:
        """By what a layer multiplies the variance, on average over the layers after the first one, of each seed.

        The average is geometric: multiplied once per layer it gives the whole change. NaN where that says nothing.
        """
        layers = self.variance.shape[1] - 2
        if layers < 1:
            return np.full(len(self.variance), np.nan)
        first, last = self.variance[:, 1], self.variance[:, -1]
        usable = np.isfinite(first) & np.isfinite(last) & (first > 0) & (last > 0)
        with np.errstate(all="ignore"):
            return np.where(usable, last / first, np.nan) ** (1 / layers)

    @property
    def factor(self) -> float:
        """The factor of the median seed; NaN where some seed has none."""
        return float(np.median(self.factors))

    @property
    def has_overflowed(self) -> bool:
        """Whether some output is larger than float32 can be."""
        return not np.isfinite(self.variance).all()


def batch(width: int, seed: int) -> Tensor:
    """A normal batch, (B, F)."""
    return torch.randn(BATCH, width, generator=torch.Generator().manual_seed(1000 + seed))


def linear_layers(stack: LinearStack, name: str, knobs: KnobValues, seed: int) -> list[nn.Linear]:
    """The linear layers, their weights from the seed's own generator."""
    layers: list[nn.Linear] = [Linear(stack.width, stack.width, bias=False) for _ in range(stack.depth)]
    x, activation = batch(stack.width, seed), build(stack.activation)
    generator = torch.Generator().manual_seed(seed)
    forward = one_by_one(layers, [nn.Sequential(layer, activation) for layer in layers], x)
    initialize(layers, name, generator, stack.gain, dict(knobs), forward=forward)
    return layers


@torch.no_grad()
def outputs(layers: list[nn.Linear], activation: nn.Module, x_BF: Tensor) -> list[Tensor]:
    """The input, then what each layer gives, (B, F) each."""
    signals = [x_BF]
    for layer in layers:
        signals.append(activation(layer(signals[-1])))
    return signals


def signal(stack: LinearStack, name: str, knobs: KnobValues = (), seeds: int = SEEDS) -> SignalStatistics:
    """Run the stack once for each seed and look at every layer."""
    activation = build(stack.activation)
    runs = [
        outputs(linear_layers(stack, name, knobs, seed), activation, batch(stack.width, seed)) for seed in range(seeds)
    ]
    statistics = [torch.var_mean(torch.stack(run).double(), dim=(1, 2)) for run in runs]
    variance, mean = (np.stack([one.numpy() for one in column]) for column in zip(*statistics, strict=True))
    mean_theory, variance_theory = theory(stack, name, knobs) or (None, None)
    return SignalStatistics(mean, variance, mean_theory, variance_theory)


def before_activation(stack: LinearStack, name: str, knobs: KnobValues = ()) -> np.ndarray:
    """The variance of each activation's input (depth,), seed 0, on the batch that LSUV looks at."""
    layers, x = linear_layers(stack, name, knobs, 0), batch(stack.width, 0)
    signals = outputs(layers, build(stack.activation), x)
    with torch.no_grad():
        return np.array([layer(h).double().var().item() for layer, h in zip(layers, signals[:-1], strict=True)])


def weight_variance(stack: LinearStack, name: str, knobs: KnobValues = ()) -> float | None:
    """The variance of one weight by its formula, gain included; None where that says nothing about the signal."""
    entry = INITIALIZATIONS[name]
    if entry.std is None or name in WITHOUT_THEORY:
        return None
    return (stack.gain * entry.std(stack.width, stack.width, **(entry.defaults | dict(knobs)))) ** 2


def theory(stack: LinearStack, name: str, knobs: KnobValues = ()) -> tuple[np.ndarray, np.ndarray] | None:
    r"""Mean and variance of each layer's outputs, (depth + 1,) each, as if layers were infinitely wide.

    A sum of many independent products is normal, so the activation's input has mean 0 and variance

    $$\operatorname{Var}(z_l) = \text{fan}_{in} \cdot \operatorname{Var}(w) \cdot E\left[h_{l-1}^2\right]$$

    Source: He et al. 2015, arXiv:1502.01852, section 2.2; Poole et al. 2016, arXiv:1606.05340.
    """
    share = weight_variance(stack, name, knobs)
    if share is None:
        return None
    activation, z, weights = build(stack.activation).double(), *_normal_grid()
    means, squares = [0.0], [1.0]
    for _ in range(stack.depth):
        variance = stack.width * share * squares[-1]
        with torch.no_grad():
            h = activation(z * variance**0.5)
        means.append((weights @ h).item())
        squares.append((weights @ h**2).item())
    mean = np.array(means)
    return mean, np.array(squares) - mean**2


@lru_cache(maxsize=1)
def _normal_grid() -> tuple[Tensor, Tensor]:
    """Points and weights (4001,) whose weighted sum is the expectation over a standard normal, kinks included."""
    z = torch.linspace(-10, 10, 4001, dtype=torch.float64)
    weights = torch.exp(-z * z / 2)
    return z, weights / weights.sum()


def scales(names: tuple[str, ...], activations: tuple[str, ...], depth: int = 20, width: int = 64) -> np.ndarray:
    """log10 of by what the std has changed from the first layer to the last, (names, activations); seed 0.

    -inf where nothing is left, +inf where it overflows.
    """
    return scales_at(stds(names, activations, max(depth, int(DEPTH_KNOB.high or 0)), width), depth)


def scales_at(stds: np.ndarray, depth: int) -> np.ndarray:
    """The same of a stack as deep as that, from the stds of one that is no shallower."""
    first, last = stds[:, :, 0], stds[:, :, depth - 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.isfinite(last), np.log10(last / first), np.inf)


@lru_cache(maxsize=4)
def stds(names: tuple[str, ...], activations: tuple[str, ...], depth: int, width: int = 64) -> np.ndarray:
    """The std of each layer's outputs, (names, activations, depth); the first layers of it are a shallower stack."""
    table = np.empty((len(names), len(activations), depth))
    for i, name in enumerate(names):
        shared = None if name == "LSUV" else linear_layers(LinearStack(depth=depth, width=width), name, (), 0)
        for j, activation in enumerate(activations):
            # only LSUV's weights depend on the activation
            layers = shared or linear_layers(LinearStack(activation, depth, width), name, (), 0)
            signals = outputs(layers, build(activation), batch(width, 0))
            table[i, j] = [signal.double().std().item() for signal in signals[1:]]
    return table
