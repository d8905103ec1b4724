"""A network of equal layers on handwritten digits, as deep as one likes.

Shape suffixes: B batch, F features, C channels, H and W height and width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import cast

import torch
from torch import Tensor, nn

from core.knobs import knob
from core.layers.activations import ACTIVATIONS
from core.layers.initialization import INITIALIZATIONS, WeightLayer, initialize, one_by_one
from core.lessons import activations, experiments

LAYER_TYPES = {"dense": "Fully connected", "conv": "3×3 conv"}
NORMS = {"none": "None", "batch": "Batch", "layer": "Layer", "group": "Group"}
LOSSES = {"cross-entropy": "Cross-entropy", "squared error": "Mean squared error"}
BATCH = {"dense": 128, "conv": 32}


@dataclass(frozen=True)
class DeepConfig:
    """A network of equal layers on the 8x8 handwritten digits, and how one training step of it is taken."""

    kind: str = knob("dense", choices=LAYER_TYPES, label="Layer type")
    depth: int = knob(20, 1, 50, help="Number of layers.")
    width: int = knob(32, 4, 32, step=4, help="Units or channels per layer.")
    activation: str = knob("Sigmoid", choices=tuple(ACTIVATIONS))
    initialization: str = knob("Xavier normal", choices=tuple(INITIALIZATIONS))
    gain: float = knob(1.0, 0.1, 4.0, step=0.1, help="Multiplies every weight after initialization.")
    norm: str = knob("none", choices=NORMS, label="Normalization")
    residual: bool = knob(False, label="Residual connections", help="Add each layer's input to its output.")
    loss: str = knob("cross-entropy", choices=LOSSES)
    learning_rate: float = knob(0.1, 0.001, 10.0, log=True)
    clip: float = knob(0.0, 0.0, 5.0, step=0.1, label="Gradient clipping (max norm)", help="0 turns clipping off.")


def differences(a: DeepConfig, b: DeepConfig) -> tuple[str, ...]:
    """The names of the settings in which two networks differ."""
    return tuple(f.name for f in fields(DeepConfig) if getattr(a, f.name) != getattr(b, f.name))


class Blank:
    """A linear or convolutional layer whose weights are left unset: PyTorch's own would move the shared generator."""

    def reset_parameters(self) -> None:
        pass


class Linear(Blank, nn.Linear):
    """`nn.Linear`, its weights unset."""


class Conv2d(Blank, nn.Conv2d):
    """`nn.Conv2d`, its weights unset."""


class DeepLayer(nn.Module):
    """Linear or 3x3 convolution, then normalization, then activation, then the input added if residual.

    (B, F) -> (B, F) or (B, C, H, W) -> (B, C, H, W).
    """

    def __init__(self, config: DeepConfig, features: int):
        super().__init__()
        dense, width = config.kind == "dense", config.width
        self.linear: Linear | Conv2d = Linear(features, width) if dense else Conv2d(features, width, 3, padding=1)
        norms: dict[str, Callable[[], nn.Module]] = {
            "none": nn.Identity,
            "batch": lambda: nn.BatchNorm1d(width) if dense else nn.BatchNorm2d(width),
            "layer": lambda: nn.GroupNorm(1, width),
            "group": lambda: nn.GroupNorm(4, width),
        }
        self.norm = norms[config.norm]()
        self.activation: nn.Module = activations.build(config.activation)
        self.residual = config.residual and features == width

    def forward(self, x: Tensor) -> Tensor:
        y = self.activation(self.norm(self.linear(x)))
        return x + y if self.residual else y


class DeepNetwork(nn.Module):
    """`depth` equal layers and a linear classifier, their weights unset. Input (B, 1, 8, 8), output logits (B, 10)."""

    def __init__(self, config: DeepConfig):
        super().__init__()
        self.dense = config.kind == "dense"
        first = 64 if self.dense else 1
        layers = [DeepLayer(config, first if i == 0 else config.width) for i in range(config.depth)]
        self.layers = cast("Sequence[DeepLayer]", nn.ModuleList(layers))
        self.head = Linear(config.width, 10)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return self.run(x_BCHW)[-1]

    def run(self, x_BCHW: Tensor) -> list[Tensor]:
        """The outputs of all layers, then the logits."""
        outputs = [x_BCHW.flatten(1) if self.dense else x_BCHW]
        for layer in self.layers:
            outputs.append(layer(outputs[-1]))
        return [*outputs[1:], self.classify(outputs[-1])]

    def classify(self, last: Tensor) -> Tensor:
        """Logits (B, 10) of the last layer's output; feature maps are averaged first."""
        return self.head(last if self.dense else last.mean((2, 3)))


def batches(seed: int, kind: str = "dense") -> experiments.Batches:
    """Endless batches of BATCH[kind] digits, shuffled anew each epoch by `seed`."""
    return experiments.batches(*experiments.digits(), BATCH[kind], seed)


def build(config: DeepConfig, seed: int) -> DeepNetwork:
    """The network with its weights set by its initialization alone, from a generator of its own."""
    network = DeepNetwork(config)
    x, _ = next(batches(seed, config.kind))
    linears: list[WeightLayer] = [*(layer.linear for layer in network.layers), network.head]
    generator = torch.Generator().manual_seed(seed)
    blocks: list[Callable[[Tensor], Tensor]] = [*network.layers, network.classify]
    forward = one_by_one(linears, blocks, x.flatten(1) if network.dense else x)
    initialize(linears, config.initialization, generator, config.gain, forward=forward)
    return network


def loss_of(config: DeepConfig, logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy, or mean squared error to one-hot labels; the mean over the batch."""
    if config.loss == "cross-entropy":
        return nn.functional.cross_entropy(logits, labels)
    return nn.functional.mse_loss(logits, nn.functional.one_hot(labels, 10).to(logits.dtype))
