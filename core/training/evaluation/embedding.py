"""The last features of a network as points of a plane: images that lie close together look alike to it.

Shapes: N images, F features, K classes.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.training.checkpoints import TrainedModel

BATCH = 128
NEIGHBOURS = 10
PERPLEXITY = 30.0
REDUCED = 50  # principal components that t-SNE gets, as van der Maaten & Hinton did


@torch.no_grad()
def last_features(trained: TrainedModel, images: Tensor, index: Tensor) -> Tensor:
    """What the last linear layer takes, for the images at `index` (N,) of uint8 `images`: float32 (N, F).

    A network whose logits do not come from a linear layer has none: there the logits are taken, F = K.
    """
    model = copy.deepcopy(trained.model)  # others predict with that one, and a hook sees whoever does
    seen: list[tuple[Tensor, Tensor]] = []
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            layer.register_forward_hook(lambda _, inputs, output: seen.append((inputs[0], output)))
    parts = []
    for batch in index.split(BATCH):
        seen.clear()
        logits = model(trained.normalize(images[batch]))
        is_last = bool(seen) and seen[-1][1].shape == logits.shape and torch.equal(seen[-1][1], logits)
        parts.append((seen[-1][0] if is_last else logits).float().flatten(1))
    return torch.cat(parts) if parts else torch.empty(0, len(trained.classes))


@dataclass(frozen=True, eq=False)
class Embedding:
    """Points (N, 2) of images in the plane; `shares` of the variance that the axes hold, where they hold any."""

    points: np.ndarray
    shares: tuple[float, ...] = ()


def pca(x_NF: Tensor) -> Embedding:
    """The two directions in which the features vary most.

    Source: Pearson 1901; Jolliffe 2002, Principal component analysis.
    """
    points, shares = _principal(x_NF, 2)
    return Embedding(np.pad(points, ((0, 0), (0, 2 - points.shape[1]))), shares)


def tsne(x_NF: Tensor, seed: int = 0) -> Embedding:
    """Neighbours stay neighbours; distances between groups, and their sizes, mean nothing. `seed` decides on ties only,
    for it begins with the principal components.

    Source: van der Maaten & Hinton 2008, JMLR 9.
    """
    from sklearn.manifold import TSNE

    if len(x_NF) < 4:
        return pca(x_NF)
    reduced, _ = _principal(x_NF, REDUCED)
    perplexity = min(PERPLEXITY, (len(x_NF) - 1) / 3)
    if np.ptp(reduced) == 0 or reduced.shape[1] < 2:
        return pca(x_NF)
    return Embedding(TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(reduced))


EMBEDDINGS = {"PCA": pca, "t-SNE": tsne}


def _principal(x_NF: Tensor, most: int) -> tuple[np.ndarray, tuple[float, ...]]:
    """At most so many principal components (N, C), and the share of the variance that each holds."""
    from sklearn.decomposition import PCA

    components = min(most, *x_NF.shape)
    if components == 0 or float(x_NF.std(0, correction=0).max()) == 0:
        return np.zeros((len(x_NF), max(1, components)), np.float32), (0.0,) * max(1, components)
    reduction = PCA(components, svd_solver="full")
    points = reduction.fit_transform(x_NF.double().numpy()).astype(np.float32)
    return points, tuple(reduction.explained_variance_ratio_.tolist())


def neighbours_of_other_classes(x_NF: Tensor, labels: Tensor, neighbours: int = NEIGHBOURS) -> Tensor:
    """How many of the nearest `neighbours` of each image have another label: int64 (N,), by Euclidean distance.

    A wrong label is one among images of another class.

    >>> x = torch.tensor([[0.0], [0.1], [0.2], [9.0], [9.1], [9.2]])
    >>> neighbours_of_other_classes(x, torch.tensor([0, 0, 1, 1, 1, 1]), 2).tolist()
    [1, 1, 2, 0, 0, 0]
    """
    count = min(neighbours, len(x_NF) - 1)
    if count < 1:
        return torch.zeros(len(x_NF), dtype=torch.int64)
    distance = torch.cdist(x_NF.double(), x_NF.double())
    distance.fill_diagonal_(torch.inf)
    nearest = distance.topk(count, largest=False).indices
    return (labels[nearest] != labels[:, None]).sum(1)
