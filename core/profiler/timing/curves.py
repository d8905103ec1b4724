"""From measured samples to the time of any kernel of the family: a sum of terms, then what the nearest samples say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.profiler.timing.kernels import KernelCall, TimedKernel

NEAREST = 6  # samples whose deviation from the curve a kernel shares
SMOOTHING = 0.5  # in binary logarithms of size: how near a sample must be to count for more than the others
ROUNDS = 6  # of fitting, each with less weight for what is far off


@dataclass(frozen=True)
class Curve:
    """The times of a family of kernels: `seconds = rates . terms`, times what samples of nearly its sizes deviate.

    Attributes:
        rates: seconds for one of each term, none below 0.
        sizes: of the samples, (samples, sizes).
        deviations: natural logarithm of measured over fitted time, of each sample.
    """

    rates: np.ndarray
    sizes: np.ndarray
    deviations: np.ndarray

    def seconds(self, kernel: KernelCall) -> float:
        """Predicted time of one kernel of the family."""
        fitted = float(self.rates @ np.array(kernel.terms))
        return fitted * float(np.exp(self._deviation(np.array(kernel.sizes))))

    def _deviation(self, sizes: np.ndarray) -> float:
        """What the nearest samples deviate, the nearer the more."""
        distance = ((self.sizes - sizes) ** 2).sum(1)
        near = np.argsort(distance)[:NEAREST]
        weight = 1 / (SMOOTHING + distance[near])
        return float(weight @ self.deviations[near] / weight.sum())


def fit(samples: Sequence[TimedKernel]) -> Curve:
    """The curve of samples of one family and type."""
    terms = np.array([sample.kernel.terms for sample in samples])
    seconds = np.array([sample.seconds for sample in samples])
    sizes = np.array([sample.kernel.sizes for sample in samples])
    weight = np.ones(len(samples))
    for _ in range(ROUNDS):
        rates = _nonnegative(terms * (weight / seconds)[:, None], weight)
        deviation = np.log(seconds / np.maximum(terms @ rates, 1e-9))
        weight = 1 / np.maximum(0.2, np.abs(deviation)) ** 0.5
    return Curve(rates, sizes, deviation)


def _nonnegative(matrix: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Least squares without negative coefficients: the most negative is set to 0 until none is left."""
    free = np.asarray(matrix.any(0))
    result = np.zeros(matrix.shape[1])
    while free.any():
        scale = np.abs(matrix[:, free]).max(0)
        solution = np.linalg.lstsq(matrix[:, free] / scale, target, rcond=None)[0] / scale
        if (solution >= 0).all():
            result[free] = solution
            break
        free[np.flatnonzero(free)[np.argmin(solution * scale)]] = False
    return result
