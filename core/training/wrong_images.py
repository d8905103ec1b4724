"""Which validation images a network predicts wrongly, the surest mistake first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class WrongImage:
    """An image, its class, the class that is predicted instead, and the probability of that (0 to 1)."""

    path: str
    true_class: str
    predicted_class: str
    probability: float


def wrong_images(
    paths: Sequence[str], labels: Tensor, predicted: Tensor, probabilities: Tensor, classes: Sequence[str]
) -> tuple[WrongImage, ...]:
    """Those whose predicted class is not their label, by falling probability.

    Args: `labels` and `predicted` int64 (N,), indices into `classes`; `probabilities` float32 (N,) of the predicted
    classes; `paths` of the N images.

    >>> from torch import tensor
    >>> paths, labels, predicted = ("1.jpg", "2.jpg", "3.jpg"), tensor([0, 0, 1]), tensor([1, 0, 0])
    >>> [one.path for one in wrong_images(paths, labels, predicted, tensor([0.6, 0.7, 0.9]), ("cat", "dog"))]
    ['3.jpg', '1.jpg']
    """
    rows = (labels != predicted).nonzero().flatten()
    rows = rows[probabilities[rows].argsort(descending=True, stable=True)]
    return tuple(
        WrongImage(paths[row], classes[int(labels[row])], classes[int(predicted[row])], float(probabilities[row]))
        for row in rows.tolist()
    )
