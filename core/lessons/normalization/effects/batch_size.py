"""How far the statistics of a batch lie from those of all pictures, and what batches of 2 do to a training.

Shapes: P pictures, D draws.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.knobs import knob
from core.lessons.normalization.effects import network as nets
from core.lessons.normalization.effects.before_after import CHANNELS, DEPTH, HOW, TRAINED, convolved
from core.lessons.normalization.effects.network import Net

SIZES = (1, 2, 4, 8, 16, 32, 64, 128)
DRAWS = 300
BAND = (0.05, 0.5, 0.95)
PASS = 32  # pictures of each contestant at one moment of the race
MOMENTS = 48
LOOK = 6


@dataclass(frozen=True)
class Place:
    """Which channel's statistics are estimated."""

    layer: int = knob(2, 1, DEPTH, label="behind convolution")
    channel: int = knob(0, 0, CHANNELS - 1, label="channel")
    trained: bool = knob(True, label=f"trained for {TRAINED} steps", help=HOW)
    seed: int = nets.SEED


@dataclass(frozen=True)
class Errors:
    """Of batches of each of SIZES: |batch mean - population mean| in population deviations, and the same of the
    variance in population variances. Quantiles BAND of DRAWS batches (sizes, 3), the root mean square (sizes,).

    told: the root mean square that theory gives the mean (sizes,); naive: the same if every cell were a draw by itself.
    """

    mean: np.ndarray
    mean_rms: np.ndarray
    variance: np.ndarray
    variance_rms: np.ndarray
    told: np.ndarray
    naive: np.ndarray


def by_picture(place: Place) -> tuple[np.ndarray, np.ndarray, int]:
    """Mean and mean square of one channel in each held-out digit (P,), and how many cells a picture has there."""
    x = convolved(place.layer, place.trained, place.seed)[:, place.channel].double().flatten(1)
    return x.mean(1).numpy(), (x**2).mean(1).numpy(), x.shape[1]


def mean_error(sigma: float, size: int, pictures: int) -> float:
    r"""Root mean square distance of a batch's mean from the mean of all pictures, drawn without putting back.

    $$\frac{\sigma}{\sqrt n}\,\sqrt{\frac{P - n}{P - 1}}$$

    Args: sigma is the deviation of the pictures' own means; n = `size` of P = `pictures` are in the batch.

    >>> mean_error(2.0, 4, 10**9)
    0.9999999985
    """
    return sigma / math.sqrt(size) * math.sqrt((pictures - size) / (pictures - 1))


def errors(place: Place, draws: int = DRAWS) -> Errors:
    """Draw batches and compare. A batch of n is the first n of a shuffle of all pictures."""
    means, squares, cells = by_picture(place)
    mean, variance = means.mean(), squares.mean() - means.mean() ** 2
    shuffles = np.random.default_rng(place.seed).random((draws, len(means))).argsort(1)[:, : SIZES[-1]]
    counts = np.array(SIZES)
    batch_mean, batch_square = (np.cumsum(one[shuffles], axis=1)[:, counts - 1] / counts for one in (means, squares))
    off_mean = np.abs(batch_mean - mean) / math.sqrt(variance)
    off_variance = np.abs(batch_square - batch_mean**2 - variance) / variance
    told = np.array([mean_error(means.std(), size, len(means)) for size in SIZES]) / math.sqrt(variance)
    return Errors(
        np.quantile(off_mean, BAND, axis=0).T,
        np.sqrt((off_mean**2).mean(0)),
        np.quantile(off_variance, BAND, axis=0).T,
        np.sqrt((off_variance**2).mean(0)),
        told,
        1 / np.sqrt(counts * cells),
    )


@dataclass(frozen=True)
class Runner:
    """A contestant: its normalization and its batch. The rate is in proportion to the batch (Goyal et al. 2017)."""

    norm: str
    batch: int


def network_of(runner: Runner) -> Net:
    """Five blocks that pool early: most of its statistics are taken over 2 x 2 places only."""
    return Net(norm=runner.norm, depth=5, early=True)


RUNNERS = tuple(Runner(norm, batch) for norm in ("Batch", "Group") for batch in (32, 2))


@dataclass(frozen=True)
class Moment:
    """After PASS more pictures: the mean loss on their batches, and now and then what is right of the held-out digits
    in evaluation."""

    pictures: int
    loss: float
    right: float | None = None


def train(runner: Runner, seed: int, rate: float, moments: int = MOMENTS) -> Iterator[Moment]:
    """Plain SGD at rate * batch / 32; all contestants with one seed see the same pictures in the same order."""
    network = nets.build(network_of(runner), seed)
    for number, (x, labels) in zip(range(1, moments + 1), nets.batches(seed, PASS), strict=False):
        pairs = zip(x.split(runner.batch), labels.split(runner.batch), strict=True)
        losses = [nets.step(network, *pair, rate * runner.batch / PASS) for pair in pairs]
        loss = math.fsum(losses) / len(losses)
        last = number == moments or not math.isfinite(loss)
        yield Moment(number * PASS, loss, nets.right(network) if last or number % LOOK == 0 else None)
        if last:
            return


def race(runners: Sequence[Runner], seed: int, rate: float, moments: int = MOMENTS) -> Iterator[tuple]:
    """All on the same pictures, PASS of them for each at a time; one that has ended gives None."""
    runs = [train(runner, seed, rate, moments) for runner in runners]
    while True:
        moment = tuple(next(run, None) for run in runs)
        if all(one is None for one in moment):
            return
        yield moment
