"""Whether a network that says 80 % is right in 80 % of the cases, and the one number that corrects it.

Shapes: N images, K classes. All in float64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

BINS = 10
LOWEST, HIGHEST = 0.05, 20.0  # temperatures that are looked at
HALVINGS = 80  # of the interval: then it is as narrow as a float64 is
LEAST = torch.finfo(torch.float32).tiny  # a probability that was rounded to 0 still has a logarithm


@dataclass(frozen=True)
class ReliabilityBin:
    """The images whose highest probability lies above `low` and not above `high`.

    `confidence` is the mean of these probabilities and `accuracy` the share of correct predictions; both are 0 where
    there are no images.
    """

    low: float
    high: float
    images: int
    confidence: float
    accuracy: float


def reliability_bins(probabilities_NK: Tensor, labels: Tensor, bins: int = BINS) -> tuple[ReliabilityBin, ...]:
    """Bins of equal width by confidence, the lowest first.

    Args: `probabilities_NK` (N, K), `labels` int64 (N,).
    Source: Guo, Pleiss, Sun & Weinberger 2017, arXiv:1706.04599, section 2.

    >>> [b.images for b in reliability_bins(torch.tensor([[0.9, 0.1], [0.4, 0.6]]), torch.tensor([0, 0]), 2)]
    [0, 2]
    """
    confidence, predicted = probabilities_NK.double().max(1)
    is_correct = (predicted == labels).double()
    edges = torch.arange(bins + 1, dtype=torch.float64) / bins
    index = torch.bucketize(confidence, edges[1:-1])
    counts = torch.bincount(index, minlength=bins)
    means = [torch.bincount(index, values, bins) / counts.clamp_min(1) for values in (confidence, is_correct)]
    columns = (edges[:-1], edges[1:], counts, *means)
    return tuple(ReliabilityBin(*row) for row in zip(*(column.tolist() for column in columns), strict=True))


def expected_calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    r"""How far confidence and accuracy lie apart, on average over the images; 0 if there are none.

    $$\text{ECE} = \sum_m \frac{|B_m|}{N} \, |\text{acc}(B_m) - \text{conf}(B_m)|$$

    Source: Naeini, Cooper & Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian binning".

    >>> round(expected_calibration_error([ReliabilityBin(0.8, 0.9, 10, 0.85, 0.7)]), 4)
    0.15
    """
    images = sum(one.images for one in bins)
    return sum(one.images * abs(one.accuracy - one.confidence) for one in bins) / max(1, images)


def scale_by_temperature(probabilities_NK: Tensor, temperature: float) -> Tensor:
    r"""Probabilities of the logits divided by a temperature: above 1 less confident, below 1 more. The order of the
    classes, and so the accuracy, stays.

    $$p_k = \frac{e^{z_k / T}}{\sum_j e^{z_j / T}}$$

    The logarithms of probabilities are the logits up to one constant an image, which cancels.
    Args: `probabilities_NK` (N, K). Returns: float64 (N, K).
    Source: Guo et al. 2017, arXiv:1706.04599, section 4.2.
    """
    return (log_of(probabilities_NK) / temperature).softmax(1)


def negative_log_likelihood(probabilities_NK: Tensor, labels: Tensor) -> float:
    """The mean cross-entropy of the labels (N,), in nats."""
    return float(-log_of(probabilities_NK).gather(1, labels[:, None]).mean())


def fit_temperature(probabilities_NK: Tensor, labels: Tensor) -> float:
    """The temperature with the lowest cross-entropy on these images, between `LOWEST` and `HIGHEST`.

    Cross-entropy is convex in 1/T, so that its slope there has one zero, which is bracketed and halved. Where every
    prediction is right, the lower the temperature the better: then it is `LOWEST`.
    Args: `probabilities_NK` (N, K), `labels` int64 (N,).
    """
    logits_NK = log_of(probabilities_NK)
    low, high = 1 / HIGHEST, 1 / LOWEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _slope(logits_NK, labels, middle) < 0 else (low, middle)
    return 1 / high


def _slope(logits_NK: Tensor, labels: Tensor, inverse: float) -> float:
    """The derivative of the mean cross-entropy by the inverse temperature."""
    expected = ((logits_NK * inverse).softmax(1) * logits_NK).sum(1)
    return float((expected - logits_NK.gather(1, labels[:, None])[:, 0]).mean())


def log_of(probabilities_NK: Tensor) -> Tensor:
    """Natural logarithms in float64; that of a 0 is that of the smallest float32 above it."""
    return probabilities_NK.double().clamp_min(LEAST).log()
