"""One forward and one backward pass through the deep network, and what it does to each layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.layers.activations import value_and_slope
from core.lessons.activations import NEARLY_FLAT, curve
from core.lessons.gradients.network import Deep, Layer, Network, batches, build, loss_of

BINS = 24
SPREAD = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)  # the quantiles that a layer's distribution is drawn from


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


def bound(config: Deep, found: Layers) -> np.ndarray | None:
    """The last layer's gradient times the activation's steepest slope once a layer: what the activations alone allow.

    (depth,); None where that says nothing: a slope of 1 or more, a residual way around, or a normalization.
    """
    steepest = abs(curve(config.activation).steepest[0])
    if steepest >= 1 or config.residual or config.norm != "none":
        return None
    return found.output_gradient[-1] * steepest ** np.arange(config.depth - 1, -1, -1)


def inspect(config: Deep, seed: int = 0) -> Layers:
    """The state of every layer at the start, on one batch of digits."""
    return measure(config, build(config, seed), *next(batches(seed, config.kind)))


def measure(config: Deep, network: Network, x_BCHW: Tensor, labels: Tensor) -> Layers:
    """Run forward and backward once (gradients are left in the parameters, unclipped) and look at every layer."""
    network.zero_grad()
    given: list[Tensor] = []
    outputs = run_seen(network, x_BCHW, given)
    for output in outputs[:-1]:
        output.retain_grad()
    loss = loss_of(config, outputs[-1], labels)
    loss.backward()
    factor = clip_factor(config, network)
    parts = zip(network.layers, given, outputs[:-1], strict=True)
    rows = [_row(layer, before, output, factor * config.learning_rate) for layer, before, output in parts]
    columns = (np.array(column) for column in zip(*rows, strict=True))
    return Layers(loss.item(), *columns, clipped=factor < 1)


def run_seen(network: Network, x_BCHW: Tensor, given: list[Tensor]) -> list[Tensor]:
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


def dead_share(slope: Tensor) -> float:
    """The share of units (B, units, ...) whose slope is 0 for the whole batch."""
    return _share((slope == 0).all(dim=(0, *range(2, slope.ndim))))


def length(values: Tensor) -> float:
    """The Euclidean norm, in float64: in float32 the squares of a vanished gradient are 0 before it is."""
    return values.double().norm().item()


def _share(mask: Tensor) -> float:
    return mask.sum().item() / mask.numel()


def distribution(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles (SPREAD) and counts in BINS equal bins from least to greatest, both from sorting the values once.

    All are counted in the middle bin where they are all but equal; with a NaN among them no quantile is known.
    """
    ordered = np.sort(values, axis=None).astype(np.float64)
    low, high = ordered[0], ordered[-1]
    if not np.isfinite(high - low) or high - low <= 1e-12 * max(abs(low), abs(high)):
        counts = np.zeros(BINS, dtype=int)
        counts[BINS // 2] = np.isfinite(ordered).sum()
        return np.quantile(ordered, SPREAD), counts
    below = np.searchsorted(ordered, np.linspace(low, high, BINS + 1)[1:-1])
    return np.interp(SPREAD, np.linspace(0, 1, len(ordered)), ordered), np.diff(below, prepend=0, append=len(ordered))


def _row(layer: Layer, before: Tensor, output: Tensor, rate: float) -> tuple[object, ...]:
    """The figures of one layer, in the order of `Layers`; `before` is what its activation was given."""
    _, slope = value_and_slope(layer.activation, before)
    values, weight = output.detach(), layer.linear.weight
    gradient = length(weight.grad)
    return (
        *distribution(values.numpy()),
        values.mean().item(),
        values.std().item(),
        gradient,
        length(output.grad),
        dead_share(slope),
        _share(slope.abs() < NEARLY_FLAT),
        rate * gradient / (length(weight) or 1.0),
    )


def clip_factor(config: Deep, network: nn.Module) -> float:
    """By what all gradients are multiplied so that their common norm is at most `clip`; 1 where it already is."""
    if not config.clip:
        return 1.0
    norms = [p.grad.norm() for p in network.parameters() if p.grad is not None]
    total = torch.stack(norms).norm().item()
    return min(1.0, config.clip / (total + 1e-6))
