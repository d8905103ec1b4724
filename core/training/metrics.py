"""The figures by which a run is judged, as formulas."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


def cross_entropy(probability: float) -> float:
    r"""Loss of one image, from the `probability` (0 to 1] that the network gives to its true class.

    $$L = -\ln p_{\text{true}}$$

    Returns: nats; 0 when it was certain, ln K when it guesses among K classes. A batch's loss is the mean.
    Source: Bridle 1990; `torch.nn.functional.cross_entropy` computes it from the logits.

    >>> round(cross_entropy(0.5), 4)
    0.6931
    """
    return -math.log(probability)


def matching_digits(probability: float, decimals: int = 3) -> tuple[str, str]:
    """A probability and its loss as text, the first with so many digits that its loss, rounded, is the second.

    >>> matching_digits(0.70710678)
    ('0.707', '0.347')
    >>> matching_digits(0.60653)
    ('0.6065', '0.500')
    >>> matching_digits(0.00003796)
    ('0.00003796', '10.179')
    """
    loss = f"{cross_entropy(probability):.{decimals}f}"
    for digits in range(3, 18):
        text = format(Decimal(f"{probability:.{digits}g}"), "f")  # never 1e-05
        if f"{cross_entropy(float(text)):.{decimals}f}" == loss:
            break
    return text, loss


@dataclass(frozen=True)
class ClassMetrics:
    """How one class fared: its `images`, how many of them are `correct`, how often it was `predicted` in all.

    `confused_with` is the index of the class that most of the others are taken for; None if there are none.
    """

    images: int
    correct: int
    predicted: int
    confused_with: int | None = None

    @property
    def recall(self) -> float | None:
        """Share of the class's images that are predicted as it; None without images."""
        return self.correct / self.images if self.images else None

    @property
    def precision(self) -> float | None:
        """Share of the predictions of the class that are right; None if it is never predicted."""
        return self.correct / self.predicted if self.predicted else None


def class_metrics(counts: Sequence[Sequence[int]]) -> tuple[ClassMetrics, ...]:
    """The metrics of each class from a confusion matrix (K, K), rows true classes.

    >>> class_metrics(((8, 2), (0, 4)))[0]
    ClassMetrics(images=10, correct=8, predicted=8, confused_with=1)
    """
    predicted = [sum(column) for column in zip(*counts, strict=True)]
    metrics = []
    for label, row in enumerate(counts):
        wrong = [0 if other == label else count for other, count in enumerate(row)]
        most = max(wrong, default=0)
        confused_with = wrong.index(most) if most else None
        metrics.append(ClassMetrics(sum(row), row[label], predicted[label], confused_with))
    return tuple(metrics)


def confusions(counts: Sequence[Sequence[int]]) -> list[tuple[int, int, int]]:
    """True class, predicted class and images of each cell off the diagonal that has any, the most images first.

    >>> confusions(((8, 2), (3, 4)))
    [(1, 0, 3), (0, 1, 2)]
    """
    cells = [(i, j, count) for i, row in enumerate(counts) for j, count in enumerate(row) if count and i != j]
    return sorted(cells, key=lambda cell: -cell[2])
