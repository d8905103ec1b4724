"""How far the statistics of a batch are from those of the whole dataset, and what batches of 2 do to training.

Shapes: P images, D random batches.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from core.knobs import knob
from core.lessons import experiments
from core.lessons.experiments import sgd_step
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.before_after import CHANNELS, DEPTH, TRAINED, TRAINED_HELP, convolved
from core.lessons.normalization.effects.network import BlockNet

SIZES = (1, 2, 4, 8, 16, 32, 64, 128)
DRAWS = 300
BAND = (0.05, 0.5, 0.95)
IMAGES_PER_POINT = 32
POINTS = 48
EVAL_EVERY = 6


@dataclass(frozen=True)
class ChannelSelection:
    """The channel whose statistics are estimated."""

    layer: int = knob(2, 1, DEPTH, label="After convolution no.")
    channel: int = knob(0, 0, CHANNELS - 1, label="Channel")
    trained: bool = knob(True, label=f"Trained for {TRAINED} steps", help=TRAINED_HELP)
    seed: int = nets.SEED


@dataclass(frozen=True)
class StatisticErrors:
    """For batches of each of SIZES: |batch mean - population mean| / population std, and the same for the variance, /
    population variance. Quantiles BAND of DRAWS batches (sizes, 3), root mean square (sizes,).

    theory: expected RMSE of the mean (sizes,); theory_independent: the same if all cells were independent.
    """

    mean: np.ndarray
    mean_rmse: np.ndarray
    variance: np.ndarray
    variance_rmse: np.ndarray
    theory: np.ndarray
    theory_independent: np.ndarray


def by_image(selection: ChannelSelection) -> tuple[np.ndarray, np.ndarray, int]:
    """Mean and mean square of one channel in each validation digit (P,), and the number of its cells."""
    x = convolved(selection.layer, selection.trained, selection.seed)[:, selection.channel].double().flatten(1)
    return x.mean(1).numpy(), (x**2).mean(1).numpy(), x.shape[1]


def mean_error(sigma: float, size: int, images: int) -> float:
    r"""Root mean square error of a batch mean, for images drawn without replacement.

    $$\text{RMSE}(\mu_B) = \frac{\sigma}{\sqrt n}\,\sqrt{\frac{P - n}{P - 1}}$$

    Args: sigma is the standard deviation of the means of single images; n = `size` of P = `images` are in the batch.

    >>> mean_error(2.0, 4, 10**9)
    0.9999999985
    """
    return sigma / math.sqrt(size) * math.sqrt((images - size) / (images - 1))


def errors(selection: ChannelSelection, draws: int = DRAWS) -> StatisticErrors:
    """Draw batches and compare. A batch of n is the first n of a random permutation."""
    means, squares, cells = by_image(selection)
    mean, variance = means.mean(), squares.mean() - means.mean() ** 2
    permutations = np.random.default_rng(selection.seed).random((draws, len(means))).argsort(1)[:, : SIZES[-1]]
    counts = np.array(SIZES)
    batch_mean, batch_square = (
        np.cumsum(one[permutations], axis=1)[:, counts - 1] / counts for one in (means, squares)
    )
    mean_errors = np.abs(batch_mean - mean) / math.sqrt(variance)
    variance_errors = np.abs(batch_square - batch_mean**2 - variance) / variance
    theory = np.array([mean_error(means.std(), size, len(means)) for size in SIZES]) / math.sqrt(variance)
    return StatisticErrors(
        np.quantile(mean_errors, BAND, axis=0).T,
        np.sqrt((mean_errors**2).mean(0)),
        np.quantile(variance_errors, BAND, axis=0).T,
        np.sqrt((variance_errors**2).mean(0)),
        theory,
        1 / np.sqrt(counts * cells),
    )


@dataclass(frozen=True)
class BatchSizeRun:
    """A normalization and a batch size. The learning rate is proportional to the batch size (Goyal et al. 2017)."""

    norm: str
    batch: int


def network_of(run: BatchSizeRun) -> BlockNet:
    """Five blocks that pool early: most statistics are over 2 x 2 cells only."""
    return BlockNet(norm=run.norm, depth=5, early=True)


RUNS = tuple(BatchSizeRun(norm, batch) for norm in ("Batch", "Group") for batch in (32, 2))


@dataclass(frozen=True)
class RunProgress:
    """After IMAGES_PER_POINT more images: the mean loss on their batches, and now and then the validation accuracy."""

    images: int
    loss: float
    accuracy: float | None = None


def train(run: BatchSizeRun, seed: int, rate: float, points: int = POINTS) -> Iterator[RunProgress]:
    """Plain SGD at rate * batch / 32; all runs with one seed see the same images in the same order."""
    network = nets.build_network(network_of(run), seed)

    def steps(x: Tensor, labels: Tensor) -> float:
        pairs = zip(x.split(run.batch), labels.split(run.batch), strict=True)
        losses = [sgd_step(network, *pair, rate * run.batch / IMAGES_PER_POINT) for pair in pairs]
        return math.fsum(losses) / len(losses)

    stream = nets.batches(seed, IMAGES_PER_POINT)
    for number, loss, is_last in experiments.train(steps, stream, points):
        images = (number + 1) * IMAGES_PER_POINT
        evaluates = is_last or (number + 1) % EVAL_EVERY == 0
        yield RunProgress(images, loss, nets.accuracy(network) if evaluates else None)


def train_side_by_side(runs: Sequence[BatchSizeRun], seed: int, rate: float, points: int = POINTS) -> Iterator[tuple]:
    """All on the same images, IMAGES_PER_POINT for each at a time; None for a run that has ended."""
    return experiments.side_by_side([train(run, seed, rate, points) for run in runs])
