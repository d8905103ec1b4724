"""Statistics of every layer after one forward and one backward pass through the deep network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.layers.activations import value_and_slope
from core.lessons.activations import SATURATION_SLOPE, steepest_slope
from core.lessons.experiments import inputs_of
from core.lessons.gradients.network import DeepConfig, DeepLayer, DeepNetwork, batches, build, loss_of

BINS = 24
QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)  # of a layer's outputs, for its violin plot


@dataclass(frozen=True)
class LayerStatistics:
    """One forward and one backward pass. Arrays have one row per layer, the first layer first.

    quantiles: QUANTILES of the outputs; density: counts of outputs in BINS equal bins from minimum to maximum;
    mean, std (n-1): of the outputs; weight_gradient: norm of dL/dW; output_gradient: norm of dL/dh; dead: share of
    units whose activation has slope 0 for the whole batch; saturated: share of values at which it is flat, its |slope|
    below SATURATION_SLOPE; update: learning rate * |dL/dW| / |W|, after clipping.
    """

    loss: float
    clipped: bool
    quantiles: np.ndarray
    density: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    weight_gradient: np.ndarray
    output_gradient: np.ndarray
    dead: np.ndarray
    saturated: np.ndarray
    update: np.ndarray


def activation_factor(config: DeepConfig) -> float | None:
    """The most that an activation lets through of the gradient: the supremum of its |slope|.

    None where that says nothing: a supremum of 1 or more, residual connections, a normalization, or a single layer.
    """
    slope = steepest_slope(config.activation)
    if slope >= 1 or config.residual or config.norm != "none" or config.depth == 1:
        return None
    return slope


def activation_bound(config: DeepConfig, statistics: LayerStatistics) -> np.ndarray | None:
    """What the activations alone would leave of dL/dh at most: the last layer's, times the factor once per layer.

    (depth,); None where there is no such factor. Weights come on top: they shrink or enlarge the real gradient.
    """
    factor = activation_factor(config)
    if factor is None:
        return None
    return statistics.output_gradient[-1] * factor ** np.arange(config.depth - 1, -1, -1)


def inspect(config: DeepConfig, seed: int = 0) -> LayerStatistics:
    """The statistics of every layer at initialization, on one batch of digits."""
    return measure(config, build(config, seed), *next(batches(seed, config.kind)))


def measure(config: DeepConfig, network: DeepNetwork, x_BCHW: Tensor, labels: Tensor) -> LayerStatistics:
    """Run forward and backward once; gradients stay in the parameters, unclipped."""
    network.zero_grad()
    with inputs_of(layer.activation for layer in network.layers) as inputs:
        outputs = network.run(x_BCHW)
    for output in outputs[:-1]:
        output.retain_grad()
    loss = loss_of(config, outputs[-1], labels)
    loss.backward()
    factor = clip_factor(config, network)
    parts = zip(network.layers, inputs, outputs[:-1], strict=True)
    rows = [_row(layer, x, output, factor * config.learning_rate) for layer, x, output in parts]
    columns = (np.array(column) for column in zip(*rows, strict=True))
    return LayerStatistics(loss.item(), factor < 1, *columns)


def dead_share(slope: Tensor) -> float:
    """The share of units (B, units, ...) whose slope is 0 for the whole batch."""
    return _share((slope == 0).all(dim=(0, *range(2, slope.ndim))))


def norm(values: Tensor) -> float:
    """The Euclidean norm, in float64: in float32 the squares of a vanished gradient are 0 before it is."""
    return values.double().norm().item()


def gradient_norm(values: Tensor) -> float:
    """The norm of what backward left in `values`; 0 where nothing did."""
    return 0.0 if values.grad is None else norm(values.grad)


def _share(mask: Tensor) -> float:
    return mask.sum().item() / mask.numel()


def distribution(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Quantiles (QUANTILES) and counts in BINS equal bins from minimum to maximum, both from sorting the values once.

    If they are all but equal, all are counted in the middle bin; with a NaN among them every quantile is NaN.
    """
    ordered = np.sort(values, axis=None).astype(np.float64)
    low, high = ordered[0], ordered[-1]
    if not np.isfinite(high - low) or high - low <= 1e-12 * max(abs(low), abs(high)):
        counts = np.zeros(BINS, dtype=int)
        counts[BINS // 2] = np.isfinite(ordered).sum()
        return np.quantile(ordered, QUANTILES), counts
    below = np.searchsorted(ordered, np.linspace(low, high, BINS + 1)[1:-1])
    quantiles = np.interp(QUANTILES, np.linspace(0, 1, len(ordered)), ordered)
    return quantiles, np.diff(below, prepend=0, append=len(ordered))


def _row(layer: DeepLayer, x: Tensor, output: Tensor, learning_rate: float) -> tuple[object, ...]:
    """One layer's figures, in the order of `LayerStatistics`; `x` is the input of its activation."""
    _, slope = value_and_slope(layer.activation, x)
    values, weight = output.detach(), layer.linear.weight
    gradient = gradient_norm(weight)
    return (
        *distribution(values.numpy()),
        values.mean().item(),
        values.std().item(),
        gradient,
        gradient_norm(output),
        dead_share(slope),
        _share(slope.abs() < SATURATION_SLOPE),
        learning_rate * gradient / (norm(weight) or 1.0),
    )


def clip_factor(config: DeepConfig, network: nn.Module) -> float:
    """The factor on all gradients that limits their common norm to `clip`; 1 where it already is smaller."""
    if not config.clip:
        return 1.0
    norms = [p.grad.norm() for p in network.parameters() if p.grad is not None]
    total = torch.stack(norms).norm().item()
    return min(1.0, config.clip / (total + 1e-6))
