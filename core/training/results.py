"""What came of a run: what it takes each picture for, and which labels look wrong to it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.training.batches import Labelled, Normalization, split_of
from core.training.checkpoints import Trained
from core.training.recipe.config import TrainConfig

TRAINING, VALIDATION, TEST = "training", "validation", "test"
DOUBTED = "doubted"  # training and validation pictures together, judged so that wrong labels come to light
BATCH = 128  # pictures judged at once
LEAST = torch.finfo(torch.float32).tiny  # a probability that rounds to 0 still has a loss


@dataclass(frozen=True)
class Prediction:
    """One picture of the data set: its place there, its class, and what the network takes it for.

    `unlike` is how little it is like any other picture, where that is known.
    """

    index: int
    label: int
    taken_for: int
    probability: float  # of `taken_for`
    true_probability: float  # of `label`
    unlike: float | None = None

    @property
    def is_right(self) -> bool:
        return self.label == self.taken_for

    @property
    def loss(self) -> float:
        """Cross-entropy of this picture, in nats."""
        return -math.log(max(self.true_probability, LEAST))


def parts_of(config: TrainConfig, data: Labelled) -> dict[str, Tensor]:
    """Places of the training, validation and test pictures of a run, as its trainer divides them."""
    return dict(zip((TRAINING, VALIDATION, TEST), split_of(config, data), strict=True))


def judged(
    trained: Trained, images: Tensor, index: Tensor, progress: Callable[[int, int], None] | None = None
) -> Tensor:
    """Probabilities (N, K) of the pictures at `index` (N,) of uint8 `images`, a batch at a time."""
    parts = []
    for places in index.split(BATCH):
        parts.append(trained.probabilities(images[places]))
        if progress:
            progress(sum(map(len, parts)), len(index))
    return torch.cat(parts) if parts else torch.empty(0, len(trained.classes))


def save_judgement(path: Path, index: Tensor, probabilities: Tensor, unlike: Tensor | None = None) -> None:
    """Keep what a network takes pictures for, and how unlike others they are; a reader sees the whole file or none."""
    half = path.with_suffix(".half")
    torch.save({"index": index, "probabilities": probabilities, "unlike": unlike}, half)
    half.replace(path)


def read_predictions(path: Path, labels: Tensor) -> tuple[Prediction, ...]:
    """A judgement kept at `path`, the largest loss first. `labels` are those of the whole set (N,)."""
    found = torch.load(path, weights_only=True)
    return predictions(found["index"], found["probabilities"], labels, found.get("unlike"))


def predictions(
    index: Tensor, probabilities: Tensor, labels: Tensor, unlike: Tensor | None = None
) -> tuple[Prediction, ...]:
    """One prediction a picture, the largest loss first: `index` (N,), `probabilities` (N, K), all `labels`."""
    if not len(index):
        return ()
    true = labels[index]
    best, taken_for = probabilities.max(1)
    given = probabilities.gather(1, true[:, None])[:, 0]
    order = given.argsort(stable=True)
    columns = (values[order].tolist() for values in (index, true, taken_for, best, given))
    columns = (*columns, [None] * len(index) if unlike is None else unlike[order].tolist())
    return tuple(Prediction(*row) for row in zip(*columns, strict=True))


def suspicious(found: Iterable[Prediction], count: int) -> tuple[Prediction, ...]:
    """Pictures whose label the network believes least, the largest loss first: wrong labels are among them.

    A label that the network takes for right is never named, however large its loss.
    Source: Northcutt, Jiang & Chuang 2021, arXiv:1911.00068, in its simplest form.
    """
    doubted = sorted((one for one in found if not one.is_right), key=lambda one: one.true_probability)
    return tuple(doubted[:count])


def unlike_others(found: Iterable[Prediction], count: int) -> tuple[Prediction, ...]:
    """Pictures that are like no other, the loneliest first; none where that is not known."""
    known = sorted((one for one in found if one.unlike is not None), key=lambda one: -one.unlike)
    return tuple(known[:count])


def confusion(found: Iterable[Prediction], kinds: int) -> tuple[tuple[int, ...], ...]:
    """How many pictures of each class (row) are taken for each class (column)."""
    counts = [[0] * kinds for _ in range(kinds)]
    for one in found:
        counts[one.label][one.taken_for] += 1
    return tuple(map(tuple, counts))


def network_input(picture: np.ndarray, normalize: Normalization) -> Tensor:
    """A picture (size, size, 3) in uint8 as the network takes it: float32 (1, 3, size, size)."""
    return normalize(torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None])


def look_at(trained: Trained, picture: np.ndarray) -> dict[str, float]:
    """Probability of each class for a picture (size, size, 3) in uint8, the most likely first."""
    image = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None]
    probabilities = trained.probabilities(image)[0]
    order = probabilities.argsort(descending=True, stable=True).tolist()
    return {trained.classes[k]: float(probabilities[k]) for k in order}


def interval(right: int, count: int) -> tuple[float, float]:
    r"""Between which shares the truth lies with 95 % confidence, `right` of `count` having been right (Wilson).

    $$\frac{\hat p + \frac{z^2}{2n} \pm z \sqrt{\frac{\hat p (1 - \hat p)}{n} + \frac{z^2}{4 n^2}}}{1 + \frac{z^2}{n}}$$

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".

    >>> [round(share, 3) for share in interval(90, 100)]
    [0.826, 0.945]
    """
    z, share = 1.959964, right / count
    middle, scale = share + z * z / (2 * count), 1 + z * z / count
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
