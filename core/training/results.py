"""The predictions of a trained network, and the labels that are probably wrong."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from core.datasets import ImageDataset
from core.datasets.cachedir import replacing
from core.errors import DataError
from core.training.batches import ImageNormalization, split_of
from core.training.checkpoints import TrainedModel
from core.training.confusion import ConfusionMatrix
from core.training.recipe.config import TrainConfig

TRAINING, VALIDATION, TEST = "training", "validation", "test"
LABEL_CHECK = "doubted"  # training and validation images together, predicted so that wrong labels come to light
BATCH = 128  # images at once
LEAST = torch.finfo(torch.float32).tiny  # a probability that rounds to 0 still has a loss
Result = TypeVar("Result")


@dataclass(frozen=True)
class Prediction:
    """One image of the dataset: its index there, its class, and its predicted class.

    `outlier_score` is how little it is like any other image, where that is known.
    """

    index: int
    label: int
    predicted: int
    probability: float  # of `predicted`
    true_probability: float  # of `label`
    outlier_score: float | None = None

    @property
    def is_correct(self) -> bool:
        return self.label == self.predicted

    @property
    def loss(self) -> float:
        """Cross-entropy of this image, in nats."""
        return -math.log(max(self.true_probability, LEAST))


def parts_of(config: TrainConfig, data: ImageDataset) -> dict[str, Tensor]:
    """Indices of the training, validation and test images of a run, as its trainer splits them."""
    return dict(zip((TRAINING, VALIDATION, TEST), split_of(config, data), strict=True))


def predict_probabilities(
    trained: TrainedModel, images: Tensor, index: Tensor, progress: Callable[[int, int], None] | None = None
) -> Tensor:
    """Probabilities (N, K) of the images at `index` (N,) of uint8 `images`, a batch at a time."""
    parts = []
    for batch in index.split(BATCH):
        parts.append(trained.probabilities(images[batch]))
        if progress:
            progress(sum(map(len, parts)), len(index))
    return torch.cat(parts) if parts else torch.empty(0, len(trained.classes))


def save_predictions(path: Path, index: Tensor, probabilities: Tensor, outlier_score: Tensor | None = None) -> None:
    """Keep a network's predictions, with outlier scores if there are any; a reader sees the whole file or none."""
    content = io.BytesIO()  # torch's own writer says of a full disk something else than an OSError
    torch.save({"index": index, "probabilities": probabilities, "unlike": outlier_score}, content)
    with replacing(path) as file:
        file.write(content.getbuffer())


def read_predictions(path: Path, labels: Tensor) -> tuple[Prediction, ...]:
    """Predictions kept at `path`, the largest loss first. `labels` are those of the whole dataset (N,).

    Raises: DataError if the file is damaged.
    """
    return _read(path, lambda saved: predictions(saved["index"], saved["probabilities"], labels, saved.get("unlike")))


@dataclass(frozen=True, eq=False)
class EvaluatedImages:
    """Images of a dataset by their `index` (N,), their `labels` (N,), and the probability of each class (N, K)."""

    index: Tensor
    labels: Tensor
    probabilities: Tensor


def read_probabilities(path: Path, labels: Tensor) -> EvaluatedImages:
    """The probabilities of all classes kept at `path`. `labels` are those of the whole dataset.

    Raises: DataError if the file is damaged.
    """
    return _read(path, lambda saved: EvaluatedImages(saved["index"], labels[saved["index"]], saved["probabilities"]))


def _read(path: Path, use: Callable[[dict[str, Any]], Result]) -> Result:
    try:
        return use(torch.load(path, weights_only=True))
    except FileNotFoundError:
        raise
    except Exception as error:  # torch.load has no error of its own: a cut file, a text and a picture raise all kinds
        raise DataError("The predictions of this run are damaged on the disk: start it again, or delete it.") from error


def predictions(
    index: Tensor, probabilities: Tensor, labels: Tensor, outlier_score: Tensor | None = None
) -> tuple[Prediction, ...]:
    """One prediction per image, the largest loss first: `index` (N,), `probabilities` (N, K), all `labels`."""
    if not len(index):
        return ()
    true = labels[index]
    highest, predicted = probabilities.max(1)
    true_probability = probabilities.gather(1, true[:, None])[:, 0]
    order = true_probability.argsort(stable=True)
    columns = [values[order].tolist() for values in (index, true, predicted, highest, true_probability)]
    columns += [[None] * len(index) if outlier_score is None else outlier_score[order].tolist()]
    return tuple(Prediction(*row) for row in zip(*columns, strict=True))


def likely_label_errors(predicted: Iterable[Prediction], count: int) -> tuple[Prediction, ...]:
    """Images whose label the network gives the lowest probability, the largest loss first: wrong labels are among them.

    A label that the network predicts itself is never named, however large its loss.
    Source: Northcutt, Jiang & Chuang 2021, arXiv:1911.00068, in its simplest form.
    """
    disagreeing = sorted((one for one in predicted if not one.is_correct), key=lambda one: one.true_probability)
    return tuple(disagreeing[:count])


def outliers(predicted: Iterable[Prediction], count: int) -> tuple[Prediction, ...]:
    """Images with the highest outlier scores, the highest first; none where these are not known."""
    scored = [(one.outlier_score, one) for one in predicted if one.outlier_score is not None]
    return tuple(one for _, one in sorted(scored, key=lambda pair: -pair[0])[:count])


def confusion_matrix(predicted: Iterable[Prediction], classes: int) -> ConfusionMatrix:
    """How many images of each class (row) are predicted as each class (column)."""
    places = torch.tensor([one.label * classes + one.predicted for one in predicted], dtype=torch.int64)
    return ConfusionMatrix.of(torch.bincount(places, minlength=classes * classes).view(classes, classes))


def network_input(pixels: np.ndarray, normalize: ImageNormalization) -> Tensor:
    """An image (size, size, 3) in uint8 as the network takes it: float32 (1, 3, size, size)."""
    return normalize(torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None])


def classify(trained: TrainedModel, pixels: np.ndarray) -> dict[str, float]:
    """Probability of each class for an image (size, size, 3) in uint8, the most likely first."""
    image = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None]
    probabilities = trained.probabilities(image)[0]
    order = probabilities.argsort(descending=True, stable=True).tolist()
    return {trained.classes[k]: float(probabilities[k]) for k in order}


def wilson_interval(correct: int, count: int) -> tuple[float, float]:
    r"""The 95 % confidence interval of a share, `correct` of `count` having been observed.

    $$\frac{\hat p + \frac{z^2}{2n} \pm z \sqrt{\frac{\hat p (1 - \hat p)}{n} + \frac{z^2}{4 n^2}}}{1 + \frac{z^2}{n}}$$

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".

    >>> [round(share, 3) for share in wilson_interval(90, 100)]
    [0.826, 0.945]
    """
    z, share = 1.959964, correct / count
    middle, scale = share + z * z / (2 * count), 1 + z * z / count
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
