"""A real network, as deep as one likes, on a real batch: what reaches each layer forward, and what comes back.

Shape suffixes: B batch, F features, C channels, H and W height and width.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from core.knobs import knob
from core.labs.activations import NEARLY_FLAT, curve
from core.layers.activations import ACTIVATIONS, defaults, value_and_slope
from core.layers.initialization import INITIALIZATIONS, initialize

NORMS = ("none", "batch", "layer", "group")
LOSSES = ("cross-entropy", "squared error")
BATCH = {"dense": 128, "conv": 32}
BINS = 24
SPREAD = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)  # the quantiles that a layer's distribution is drawn from


@dataclass(frozen=True)
class Deep:
    """A network of equal layers on the 8 x 8 handwritten digits, and how one step of it is taken."""

    kind: str = knob("dense", choices=("dense", "conv"), label="layers are")
    depth: int = knob(20, 1, 50, label="depth")
    width: int = knob(32, 4, 32, step=4, label="width", help="Units, or channels, in each layer.")
    activation: str = knob("Sigmoid", choices=tuple(ACTIVATIONS), label="activation")
    initialization: str = knob("Xavier normal", choices=tuple(INITIALIZATIONS), label="initialization")
    gain: float = knob(1.0, 0.1, 4.0, step=0.1, label="gain", help="Multiplies every weight after initialization.")
    norm: str = knob("none", choices=NORMS, label="normalization")
    residual: bool = knob(False, label="residual", help="Add each layer's input to its output.")
    loss: str = knob("cross-entropy", choices=LOSSES, label="loss")
    learning_rate: float = knob(0.1, 0.001, 10.0, log=True, label="learning rate")
    clip: float = knob(0.0, 0.0, 5.0, step=0.1, label="clip gradient norm at", help="0 leaves gradients alone.")


def bound(config: Deep, found: Layers) -> np.ndarray | None:
    """The last layer's gradient times the activation's steepest slope once a layer: what the activations alone allow.

    (depth,); None where that says nothing: a slope of 1 or more, a residual way around, or a normalization.
    """
    steepest = abs(curve(config.activation).steepest[0])
    if steepest >= 1 or config.residual or config.norm != "none":
        return None
    return found.output_gradient[-1] * steepest ** np.arange(config.depth - 1, -1, -1)


def differences(a: Deep, b: Deep) -> tuple[str, ...]:
    """The names of the settings in which two networks differ."""
    return tuple(f.name for f in fields(Deep) if getattr(a, f.name) != getattr(b, f.name))


class Layer(nn.Module):
    """Linear or 3x3 convolution, then normalization, then activation, and the input added where asked.

    (B, F) -> (B, F) or (B, C, H, W) -> (B, C, H, W).
    """

    def __init__(self, config: Deep, features: int):
        super().__init__()
        dense, width = config.kind == "dense", config.width
        self.linear = nn.Linear(features, width) if dense else nn.Conv2d(features, width, 3, padding=1)
        self.norm = {
            "none": nn.Identity,
            "batch": lambda: nn.BatchNorm1d(width) if dense else nn.BatchNorm2d(width),
            "layer": lambda: nn.GroupNorm(1, width),
            "group": lambda: nn.GroupNorm(4, width),
        }[config.norm]()
        self.activation = ACTIVATIONS[config.activation].build(**defaults(config.activation))
        self.residual = config.residual and features == width

    def forward(self, x: Tensor) -> Tensor:
        y = self.activation(self.norm(self.linear(x)))
        return x + y if self.residual else y


class Network(nn.Module):
    """`depth` equal layers and a linear classifier. Input (B, 1, 8, 8), output logits (B, 10)."""

    def __init__(self, config: Deep):
        super().__init__()
        self.dense = config.kind == "dense"
        first = 64 if self.dense else 1
        self.layers = nn.ModuleList(Layer(config, first if i == 0 else config.width) for i in range(config.depth))
        self.head = nn.Linear(config.width, 10)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return self.run(x_BCHW)[-1]

    def run(self, x_BCHW: Tensor) -> list[Tensor]:
        """The outputs of all layers, then the logits."""
        outputs = [x_BCHW.flatten(1) if self.dense else x_BCHW]
        for layer in self.layers:
            outputs.append(layer(outputs[-1]))
        last = outputs[-1] if self.dense else outputs[-1].mean((2, 3))
        return [*outputs[1:], self.head(last)]


@lru_cache(maxsize=1)
def digits() -> tuple[Tensor, Tensor]:
    """All 1,797 handwritten digits of scikit-learn, standardized: (1797, 1, 8, 8) float32 and labels (1797,)."""
    from sklearn.datasets import load_digits

    data = load_digits()
    x = torch.from_numpy(data.images).float()[:, None]
    return (x - x.mean()) / x.std(), torch.from_numpy(data.target)


def batches(seed: int, kind: str = "dense") -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of BATCH[kind] digits, shuffled by seed, for ever."""
    x, labels = digits()
    generator = torch.Generator().manual_seed(seed)
    while True:
        order = torch.randperm(len(x), generator=generator)
        for place in order.split(BATCH[kind])[:-1]:
            yield x[place], labels[place]


def build(config: Deep, seed: int) -> Network:
    """The network with its weights set by its initialization alone, from a generator of its own."""
    with torch.device("meta"):
        network = Network(config)
    network.to_empty(device="cpu")
    for layer in network.layers:  # what torch's constructors would have set, without the shared generator
        for part in (layer.norm, layer.activation):
            _refill(part, config)
    x, _ = next(batches(seed, config.kind))
    linears = [layer.linear for layer in network.layers] + [network.head]
    generator = torch.Generator().manual_seed(seed)
    initialize(linears, config.initialization, generator, config.gain, forward=lambda: network(x))
    return network


def _refill(part: nn.Module, config: Deep) -> None:
    """Give a module that came from the meta device the values of its constructor; none of them is random."""
    fresh = ACTIVATIONS[config.activation].build(**defaults(config.activation))
    if isinstance(part, type(fresh)) and not isinstance(part, nn.Identity):
        part.load_state_dict(fresh.state_dict())
    elif hasattr(part, "reset_parameters"):
        part.reset_parameters()


def loss_of(config: Deep, logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy, or squared error against one-hot labels; the mean over the batch."""
    if config.loss == "cross-entropy":
        return nn.functional.cross_entropy(logits, labels)
    return nn.functional.mse_loss(logits, nn.functional.one_hot(labels, 10).to(logits.dtype))


@dataclass(frozen=True)
class Layers:
    """One forward and one backward pass. Arrays have a row a layer, the first layer first.

    spread: quantiles (SPREAD) of the outputs; density: counts of outputs in BINS equal bins from least to greatest;
    mean, deviation: of the outputs; weight_gradient: norm of dL/dW;
    output_gradient: norm of dL/dh; dead: share of units whose activation has slope 0 for the whole batch; flat: share
    of values at which its slope is under NEARLY_FLAT; update: learning rate * |dL/dW| / |W|, after clipping.
    """

    loss: float
    spread: np.ndarray
    density: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray
    weight_gradient: np.ndarray
    output_gradient: np.ndarray
    dead: np.ndarray
    flat: np.ndarray
    update: np.ndarray
    clipped: bool


def inspect(config: Deep, seed: int = 0) -> Layers:
    """The state of every layer at the start, on one batch of digits."""
    return measure(config, build(config, seed), *next(batches(seed, config.kind)))


def measure(config: Deep, network: Network, x_BCHW: Tensor, labels: Tensor) -> Layers:
    """Run forward and backward once (gradients are left in the parameters, unclipped) and look at every layer."""
    network.zero_grad()
    given: list[Tensor] = []
    outputs = _run_seen(network, x_BCHW, given)
    for output in outputs[:-1]:
        output.retain_grad()
    loss = loss_of(config, outputs[-1], labels)
    loss.backward()
    factor = clip_factor(config, network)
    parts = zip(network.layers, given, outputs[:-1], strict=True)
    rows = [_row(layer, before, output, factor * config.learning_rate) for layer, before, output in parts]
    columns = (np.array(column) for column in zip(*rows, strict=True))
    return Layers(loss.item(), *columns, clipped=factor < 1)


def _run_seen(network: Network, x_BCHW: Tensor, given: list[Tensor]) -> list[Tensor]:
    """`Network.run`, leaving in `given` what each activation was given."""
    hooks = [
        layer.activation.register_forward_pre_hook(lambda module, args: given.append(args[0].detach()))
        for layer in network.layers
    ]
    try:
        return network.run(x_BCHW)
    finally:
        for hook in hooks:
            hook.remove()


def _dead(slope: Tensor) -> float:
    """The share of units (B, units, ...) whose slope is 0 for the whole batch."""
    return (slope.movedim(1, 0).flatten(1) == 0).all(1).double().mean().item()


def _density(values: np.ndarray) -> np.ndarray:
    """Counts in BINS equal bins from least to greatest; all in the middle one where the values are all but equal."""
    low, high = values.min(), values.max()
    if not np.isfinite(high - low) or high - low <= 1e-12 * max(abs(low), abs(high)):
        counts = np.zeros(BINS, dtype=int)
        counts[BINS // 2] = np.isfinite(values).sum()
        return counts
    return np.histogram(values, BINS)[0]


def _row(layer: Layer, before: Tensor, output: Tensor, rate: float) -> tuple[object, ...]:
    """The figures of one layer, in the order of `Layers`; `before` is what its activation was given."""
    _, slope = value_and_slope(layer.activation, before)
    values, weight = output.detach(), layer.linear.weight
    gradient = weight.grad.norm().item()
    return (
        np.quantile(values.numpy(), SPREAD),
        _density(values.double().flatten().numpy()),
        values.mean().item(),
        values.std().item(),
        gradient,
        output.grad.norm().item(),
        _dead(slope),
        (slope.abs() < NEARLY_FLAT).double().mean().item(),
        rate * gradient / (weight.norm().item() or 1.0),
    )


def clip_factor(config: Deep, network: nn.Module) -> float:
    """By what all gradients are multiplied so that their common norm is at most `clip`; 1 where it already is."""
    if not config.clip:
        return 1.0
    norms = [p.grad.norm() for p in network.parameters() if p.grad is not None]
    total = torch.stack(norms).norm().item()
    return min(1.0, config.clip / (total + 1e-6))


@dataclass(frozen=True)
class Step:
    """One training step: the loss before it, and of each layer the norm of dL/dW and the share of dead units."""

    number: int
    loss: float
    weight_gradient: np.ndarray
    dead: np.ndarray


def train(config: Deep, seed: int, steps: int = 200) -> Iterator[Step]:
    """Plain SGD on digits; stops early where the loss is no longer a number."""
    network = build(config, seed)
    for number, (x, labels) in zip(range(steps), batches(seed, config.kind), strict=False):
        network.zero_grad()
        given: list[Tensor] = []
        loss = loss_of(config, _run_seen(network, x, given)[-1], labels)
        loss.backward()
        gradients = np.array([layer.linear.weight.grad.norm().item() for layer in network.layers])
        slopes = (value_and_slope(layer.activation, x)[1] for layer, x in zip(network.layers, given, strict=True))
        yield Step(number, loss.item(), gradients, np.array([_dead(slope) for slope in slopes]))
        if not np.isfinite(loss.item()):
            return
        factor = clip_factor(config, network)
        with torch.no_grad():
            for p in network.parameters():
                if p.grad is not None:
                    p -= config.learning_rate * factor * p.grad


def train_both(a: Deep, b: Deep, seed: int, steps: int = 200) -> Iterator[tuple[Step | None, Step | None]]:
    """Two networks on the same batches, a step of each at a time; one that has ended gives None."""
    runs = [train(config, seed, steps) for config in (a, b)]
    while True:
        moment = tuple(next(run, None) for run in runs)
        if moment == (None, None):
            return
        yield moment


PRESETS: dict[str, tuple[str, Deep, Deep]] = {}


def _preset(name: str, words: str, a: Deep, **change: object) -> None:
    values = {f.name: getattr(a, f.name) for f in fields(Deep)} | change
    PRESETS[name] = (words, a, Deep(**values))


_SIGMOID = Deep(depth=20, activation="Sigmoid", learning_rate=0.5)
_preset(
    "Sigmoid or ReLU",
    "Twenty sigmoid layers hardly pass any gradient to the first one; twenty ReLU layers do.",
    Deep(depth=20, activation="Sigmoid", initialization="Kaiming normal"),
    activation="ReLU",
)
_preset(
    "Scale of weights",
    "Weights of deviation 0.05 fade away in twenty tanh layers; Xavier's keep their size.",
    Deep(depth=20, activation="Tanh", initialization="Normal"),
    initialization="Xavier normal",
)
_preset("Batch norm", "The same sigmoid layers without and with batch normalization.", _SIGMOID, norm="batch")
_preset(
    "Residuals", "The same sigmoid layers without and with adding each input to its output.", _SIGMOID, residual=True
)
_preset(
    "Explosion and clipping",
    "Weights half as large again: the first step of one blows up, the clipped one holds.",
    Deep(depth=30, activation="ReLU", initialization="Kaiming normal", gain=1.5, learning_rate=0.01),
    clip=1.0,
)
_preset(
    "Dying ReLU",
    "Too large a step pushes ReLU units below zero for every input, and no gradient brings them back.",
    Deep(depth=10, activation="ReLU", initialization="Kaiming normal", learning_rate=1.0, clip=1.0),
    activation="LeakyReLU",
)
_preset(
    "SELU and LeCun",
    "SELU keeps mean 0 and deviation 1 with LeCun's weights and loses them with Kaiming's.",
    Deep(depth=30, activation="SELU", initialization="LeCun normal", learning_rate=0.01),
    initialization="Kaiming normal",
)
