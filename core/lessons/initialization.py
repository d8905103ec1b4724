"""How the scale of the first weights decides what reaches the last layer: many seeds beside the theory of wide layers.

Shape suffixes: B batch, F features (the layers' width).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from core.knobs import Knob, knob
from core.layers.activations import ACTIVATIONS
from core.layers.initialization import INITIALIZATIONS, defaults, initialize, one_by_one
from core.lessons import gradients
from core.lessons.activations import build

BATCH = 128
SEEDS = 8
Knobs = tuple[tuple[str, float], ...]
STEPS_KNOB = Knob(60, 1, 150, label="steps of training")
DEPTH_KNOB = Knob(20, 2, 30, label="depth", help="Layers.")
UNTOLD = ("Constant", "Identity", "LSUV")  # not random with mean 0, or made to fit by looking at the data


@dataclass(frozen=True)
class Stack:
    """Equal linear layers without bias, each followed by the activation, on a normal batch."""

    activation: str = knob("ReLU", choices=tuple(ACTIVATIONS), label="activation")
    depth: int = knob(20, 1, 30, label="depth", help="Layers.")
    width: int = knob(64, 8, 64, step=8, label="width", help="Units in each layer, and values in the input.")
    gain: float = knob(1.0, 0.1, 3.0, step=0.1, label="gain", help="Multiplies every weight after initialization.")


@dataclass(frozen=True)
class Signal:
    """Of every layer's outputs, the input first: mean and variance (seeds, depth + 1), and by theory (depth + 1,).

    Both theories are None where weights are not random with mean 0.
    """

    mean: np.ndarray
    variance: np.ndarray
    mean_told: np.ndarray | None
    variance_told: np.ndarray | None

    def band(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Least, median and largest over the seeds, each (depth + 1,)."""
        low, middle, high = np.quantile(getattr(self, name), (0, 0.5, 1), axis=0)
        return low, middle, high

    @property
    def factor(self) -> float:
        """By what a layer multiplies the variance, on average over the layers behind the first one (median seed)."""
        middle = self.band("variance")[1]
        if len(middle) < 3 or not (np.isfinite(middle[[1, -1]]).all() and middle[1] > 0):
            return float("nan")
        return float((middle[-1] / middle[1]) ** (1 / (len(middle) - 2)))


def batch(width: int, seed: int) -> Tensor:
    """A normal batch, (B, F)."""
    return torch.randn(BATCH, width, generator=torch.Generator().manual_seed(1000 + seed))


def layers(stack: Stack, name: str, knobs: Knobs, seed: int) -> list[nn.Linear]:
    """The linear layers, their weights from the seed's own generator."""
    found = [_unset(stack.width, stack.width, bias=False) for _ in range(stack.depth)]
    x, bend = batch(stack.width, seed), build(stack.activation)
    generator = torch.Generator().manual_seed(seed)
    initialize(
        found,
        name,
        generator,
        stack.gain,
        dict(knobs),
        forward=one_by_one(found, [nn.Sequential(layer, bend) for layer in found], x),
    )
    return found


def _unset(fan_in: int, fan_out: int, bias: bool = True) -> nn.Linear:
    """A layer whose weights are still to be drawn; as `nn.utils.skip_init`, which takes milliseconds."""
    return nn.Linear(fan_in, fan_out, bias, device="meta").to_empty(device="cpu")


@torch.no_grad()
def outputs(found: list[nn.Linear], bend: nn.Module, x_BF: Tensor) -> list[Tensor]:
    """The input, then what each layer gives, (B, F) each."""
    given = [x_BF]
    for layer in found:
        given.append(bend(layer(given[-1])))
    return given


def signal(stack: Stack, name: str, knobs: Knobs = (), seeds: int = SEEDS) -> Signal:
    """Run the stack once for each seed and look at every layer."""
    bend = build(stack.activation)
    runs = [outputs(layers(stack, name, knobs, seed), bend, batch(stack.width, seed)) for seed in range(seeds)]
    figures = [torch.var_mean(torch.stack(run).double(), dim=(1, 2)) for run in runs]
    variance, mean = (np.stack([one.numpy() for one in column]) for column in zip(*figures, strict=True))
    told = theory(stack, name, knobs)
    return Signal(mean, variance, *(told or (None, None)))


def before_activation(stack: Stack, name: str, knobs: Knobs = ()) -> np.ndarray:
    """The variance of what each activation is given (depth,), seed 0, on the batch that LSUV looks at."""
    found, bend, x = layers(stack, name, knobs, 0), build(stack.activation), batch(stack.width, 0)
    given = outputs(found, bend, x)
    with torch.no_grad():
        return np.array([layer(h).double().var().item() for layer, h in zip(found, given[:-1], strict=True)])


def weight_variance(stack: Stack, name: str, knobs: Knobs = ()) -> float | None:
    """The variance of one weight by its formula, gain included; None where that says nothing about the signal."""
    deviation = INITIALIZATIONS[name].deviation
    if deviation is None or name in UNTOLD:
        return None
    return (stack.gain * deviation(stack.width, stack.width, **(defaults(name) | dict(knobs)))) ** 2


def theory(stack: Stack, name: str, knobs: Knobs = ()) -> tuple[np.ndarray, np.ndarray] | None:
    r"""Mean and variance of each layer's outputs, (depth + 1,) each, as if layers were infinitely wide.

    A sum of many independent products is normal, so what the activation is given has mean 0 and variance

    $$\operatorname{Var}(z_l) = \text{fan}_{in} \cdot \operatorname{Var}(w) \cdot E\left[h_{l-1}^2\right]$$

    Source: He et al. 2015, arXiv:1502.01852, section 2.2; Poole et al. 2016, arXiv:1606.05340.
    """
    share = weight_variance(stack, name, knobs)
    if share is None:
        return None
    bend, z, weights = build(stack.activation).double(), *_normal_grid()
    means, squares = [0.0], [1.0]
    for _ in range(stack.depth):
        variance = stack.width * share * squares[-1]
        with torch.no_grad():
            h = bend(z * variance**0.5)
        means.append((weights @ h).item())
        squares.append((weights @ h**2).item())
    mean = np.array(means)
    return mean, np.array(squares) - mean**2


@lru_cache(maxsize=1)
def _normal_grid() -> tuple[Tensor, Tensor]:
    """Places and weights (4001,) whose weighted sum is the expectation over a standard normal, kinks included."""
    z = torch.linspace(-10, 10, 4001, dtype=torch.float64)
    weights = torch.exp(-z * z / 2)
    return z, weights / weights.sum()


@dataclass(frozen=True)
class Symmetry:
    """A layer of 8 hidden units while it trains: how many of them differ, and their weights (8, 8, 8) at the end."""

    different: tuple[int, ...]
    losses: tuple[float, ...]
    before: np.ndarray
    after: np.ndarray


def symmetry(name: str, knobs: Knobs = (), steps: int = 60, seed: int = 0, lr: float = 0.5) -> Symmetry:
    """Train 64 -> 8 -> 10 with Tanh on the digits from these weights; count the units that differ, step by step."""
    hidden, head = _unset(64, 8), _unset(8, 10)
    network = nn.Sequential(nn.Flatten(), hidden, nn.Tanh(), head)
    stream = gradients.batches(seed)
    first = next(stream)[0]
    generator = torch.Generator().manual_seed(seed)
    initialize([hidden, head], name, generator, knobs=dict(knobs), forward=lambda: network(first))
    before, different, losses = _pictures(hidden), [_different(hidden)], []
    for _, (x, labels) in zip(range(steps), stream, strict=False):
        network.zero_grad()
        loss = nn.functional.cross_entropy(network(x), labels)
        loss.backward()
        with torch.no_grad():
            for parameter in network.parameters():
                parameter -= lr * parameter.grad
        different.append(_different(hidden))
        losses.append(loss.item())
    return Symmetry(tuple(different), tuple(losses), before, _pictures(hidden))


def _pictures(hidden: nn.Linear) -> np.ndarray:
    return hidden.weight.detach().reshape(-1, 8, 8).double().numpy()


def _different(hidden: nn.Linear) -> int:
    """How many units have weights of their own: two are equal if they differ by rounding alone."""
    rows = torch.cat([hidden.weight, hidden.bias[:, None]], 1).detach()
    near = torch.cdist(rows, rows, p=float("inf")) <= 1e-5 * rows.abs().max()
    return len({int(row.nonzero()[0]) for row in near})


def scales(names: tuple[str, ...], activations: tuple[str, ...], depth: int = 20, width: int = 64) -> np.ndarray:
    """log10 of by what the deviation has changed from the first layer to the last, (names, activations); seed 0.

    -inf where nothing is left, +inf where it overflows.
    """
    found = np.empty((len(names), len(activations)))
    for i, name in enumerate(names):
        drawn = None if name == "LSUV" else layers(Stack(depth=depth, width=width), name, (), 0)
        for j, activation in enumerate(activations):
            those = drawn or layers(Stack(activation, depth, width), name, (), 0)  # only LSUV's know the activation
            given = outputs(those, build(activation), batch(width, 0))
            first, last = (given[place].double().std().item() for place in (1, -1))
            with np.errstate(divide="ignore"):
                found[i, j] = np.log10(last / first) if np.isfinite(last) else np.inf
    return found


def weight_of(kind: str, inputs: int, units: int, kernel: int, name: str, knobs: Mapping[str, float]) -> Tensor:
    """One layer's weight as the scheme sets it with seed 0; LSUV's is the orthogonal one that it begins from."""
    shape = (units, inputs) if kind == "linear" else (units, inputs, kernel, kernel)
    weight = torch.empty(shape)
    with torch.no_grad():
        INITIALIZATIONS[name].fill(weight, generator=torch.Generator().manual_seed(0), **(defaults(name) | dict(knobs)))
    return weight
