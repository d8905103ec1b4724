"""One class against all others: what a threshold on its probability does, for every threshold at once.

Shapes: N images, M thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class BinaryCounts:
    """A confusion matrix of two classes: images of the positive class and all others, by what is predicted."""

    true_positives: int
    false_negatives: int
    false_positives: int
    true_negatives: int

    @property
    def recall(self) -> float | None:
        r"""The true positive rate; None without positive images.

        $$\text{recall} = \text{TPR} = \frac{TP}{TP + FN}$$
        """
        return _share(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def false_positive_rate(self) -> float | None:
        r"""The share of the negative images that are predicted as positive; None without negative images.

        $$\text{FPR} = \frac{FP}{FP + TN}$$
        """
        return _share(self.false_positives, self.false_positives + self.true_negatives)

    @property
    def precision(self) -> float | None:
        r"""The share of the positive predictions that are right; None without positive predictions.

        $$\text{precision} = \frac{TP}{TP + FP}$$
        """
        return _share(self.true_positives, self.true_positives + self.false_positives)

    @property
    def accuracy(self) -> float | None:
        """The share of all images that are predicted correctly; None without images."""
        right, wrong = self.true_positives + self.true_negatives, self.false_negatives + self.false_positives
        return _share(right, right + wrong)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def counts_at(scores: Tensor, is_positive: Tensor, threshold: float) -> BinaryCounts:
    """The images, with those predicted as positive whose score is at least `threshold`.

    Args: `scores` float (N,), `is_positive` bool (N,).

    >>> counts_at(torch.tensor([0.9, 0.6, 0.2]), torch.tensor([True, False, True]), 0.5)
    BinaryCounts(true_positives=1, false_negatives=1, false_positives=1, true_negatives=0)
    """
    is_predicted = scores.double() >= threshold
    true, positives = int((is_predicted & is_positive).sum()), int(is_positive.sum())
    false = int(is_predicted.sum()) - true
    return BinaryCounts(true, positives - true, false, len(scores) - positives - false)


@dataclass(frozen=True, eq=False)
class ThresholdCurve:
    """True and false positives (M,) at every threshold that makes a difference, the highest (infinity) first."""

    thresholds: Tensor  # float64 (M,)
    true_positives: Tensor  # int64 (M,)
    false_positives: Tensor  # int64 (M,)

    @property
    def recall(self) -> Tensor:
        """True positive rates (M,), from 0 to 1; NaN without positive images."""
        return self.true_positives.double() / self.true_positives[-1]

    @property
    def false_positive_rate(self) -> Tensor:
        """(M,), from 0 to 1; NaN without negative images."""
        return self.false_positives.double() / self.false_positives[-1]

    @property
    def precision(self) -> Tensor:
        """(M,); 1 at the first threshold, at which nothing is predicted as positive."""
        predicted = self.true_positives + self.false_positives
        return torch.where(predicted > 0, self.true_positives.double() / predicted.clamp_min(1), 1.0)

    @property
    def roc_auc(self) -> float:
        r"""The area under the ROC curve, by the trapezoidal rule: how often a positive image has the higher score than
        a negative one, a tie counting half. NaN without images of both kinds.

        $$\text{AUC} = P(s_+ > s_-) + \tfrac{1}{2} P(s_+ = s_-)$$

        Source: Hanley & McNeil 1982, Radiology 143(1).
        """
        return float(torch.trapezoid(self.recall, self.false_positive_rate))

    @property
    def average_precision(self) -> float:
        r"""The area under the precision-recall curve as a sum of steps. NaN without positive images.

        $$\text{AP} = \sum_m (R_m - R_{m-1}) P_m$$
        """
        return float((self.recall.diff() * self.precision[1:]).sum())


def threshold_curve(scores: Tensor, is_positive: Tensor) -> ThresholdCurve:
    """Every threshold between two different scores, from none predicted as positive to all of them.

    Args: `scores` float (N,), `is_positive` bool (N,).
    Source: Fawcett 2006, "An introduction to ROC analysis", algorithm 1.

    >>> curve = threshold_curve(torch.tensor([0.9, 0.6, 0.2]), torch.tensor([True, False, True]))
    >>> curve.true_positives.tolist(), curve.false_positives.tolist(), curve.roc_auc
    ([0, 1, 1, 2], [0, 0, 1, 1], 0.5)
    """
    ordered, order = scores.double().sort(descending=True, stable=True)
    true = is_positive[order].long().cumsum(0)
    false = torch.arange(1, len(ordered) + 1) - true
    is_last = torch.ones(len(ordered), dtype=torch.bool)
    is_last[:-1] = ordered.diff() != 0  # of several images with one score
    zero = torch.zeros(1, dtype=torch.int64)
    thresholds = torch.cat((torch.tensor([torch.inf], dtype=torch.float64), ordered[is_last]))
    return ThresholdCurve(thresholds, torch.cat((zero, true[is_last])), torch.cat((zero, false[is_last])))
