"""Which labels are probably wrong and which images are outliers, by the features of a network trained on neither.

Shapes: N images, F features, K classes.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from core.errors import PlaygroundError
from core.training.checkpoints import TrainedModel
from core.training.recipe.networks import network_of

FOLDS = 5
NEIGHBOURS = 8  # more than there are copies of most things
PENALTY = 0.01  # on the squared weights: there are nearly as many features as images
STEPS = 60  # of L-BFGS
ROWS = 512  # images compared with all others at once
BATCH = 128
MOST_PRODUCTS = 1 << 31  # images x features x classes for which a regression takes seconds and not minutes
SHRINKAGE = 0.1  # of a discriminant's covariance towards one that is the same in all directions


def is_frozen(trained: TrainedModel) -> bool:
    """Whether the run has trained only the last layer, so that the features do not depend on any label."""
    return network_of(trained.config.network).body is not None


@torch.no_grad()
def frozen_features(trained: TrainedModel, images: Tensor, index: Tensor) -> Tensor:
    """The output of the frozen part of a network for the images at `index` (N,) of uint8 `images`: float32 (N, F).

    Raises: PlaygroundError if no part of the network is frozen.
    """
    body = network_of(trained.config.network).body
    if body is None:
        raise PlaygroundError("no part of this network is frozen: use a network with frozen features.")
    return torch.cat([body(trained.model, trained.normalize(images[i])).float() for i in index.split(BATCH)])


def cross_validated_probabilities(x_NF: Tensor, labels: Tensor, groups: Tensor, classes: int, seed: int = 0) -> Tensor:
    """Probabilities (N, K) of each image by a linear layer that was not trained on it: cross-validation.

    The layer is a softmax regression, or for many images of many classes a linear discriminant. Copies, which have one
    number in `groups` (N,), are held out together. A network predicts the wrong label that it was trained with; for an
    image that was held out it predicts what the image looks like.
    Source: Northcutt, Jiang & Chuang 2021, arXiv:1911.00068.
    """
    x_NF = (x_NF - x_NF.mean(0)) / x_NF.std(0).clamp_min(1e-6)
    _, group = groups.unique(return_inverse=True)
    order = torch.randperm(int(group.max()) + 1, generator=torch.Generator().manual_seed(seed))
    fold = order[group] % FOLDS
    probabilities = x_NF.new_full((len(labels), classes), 1 / classes)
    fit = _softmax_regression if x_NF.numel() * classes <= MOST_PRODUCTS else _linear_discriminant
    for number in range(FOLDS):
        trained_on, held_out = fold != number, fold == number
        if trained_on.any() and held_out.any():
            predict = fit(x_NF[trained_on], labels[trained_on], classes)
            probabilities[held_out] = predict(x_NF[held_out])
    return probabilities


def _softmax_regression(x_NF: Tensor, labels: Tensor, classes: int) -> Callable[[Tensor], Tensor]:
    """Trained to its optimum: a function of features (N, F) to probabilities (N, K)."""
    weight = torch.zeros(x_NF.shape[1], classes, requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(x_NF @ weight + bias, labels) + PENALTY * weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    return lambda x: (x @ weight + bias).softmax(1).detach()


def _linear_discriminant(x_NF: Tensor, labels: Tensor, classes: int) -> Callable[[Tensor], Tensor]:
    """Classes as normal distributions with one covariance, in closed form: features (N, F) to probabilities (N, K).

    A class without images is as likely as its share of the images says: never.
    Source: Hastie, Tibshirani & Friedman 2009, The elements of statistical learning, section 4.3.
    """
    counts = torch.bincount(labels, minlength=classes)
    means = x_NF.new_zeros(classes, x_NF.shape[1]).index_add_(0, labels, x_NF) / counts.clamp_min(1)[:, None]
    within = x_NF - means[labels]
    covariance = within.T @ within / len(x_NF)
    sphere = covariance.diagonal().mean().clamp_min(1e-6) * torch.eye(len(covariance))
    weight = torch.linalg.solve(torch.lerp(covariance, sphere, SHRINKAGE), means.T)  # (F, K)
    bias = (counts / len(labels)).log() - (means.T * weight).sum(0) / 2
    return lambda x: (x @ weight + bias).softmax(1)


def outlier_scores(x_NF: Tensor) -> Tensor:
    r"""How little each image is like any other (N,): 0 where its eighth nearest neighbour is the same, 1 and more
    where they have nothing in common. A logo among pets is an outlier, whatever its label.

    $$1 - \cos\angle(x_i, x_{(8)})$$
    """
    x_NF = F.normalize((x_NF - x_NF.mean(0)) / x_NF.std(0).clamp_min(1e-6))
    nearest = min(NEIGHBOURS + 1, len(x_NF))  # itself is one of them
    similarities = [(x_NF[rows] @ x_NF.T).topk(nearest).values[:, -1] for rows in torch.arange(len(x_NF)).split(ROWS)]
    return 1 - torch.cat(similarities)
