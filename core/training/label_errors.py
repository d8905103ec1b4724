"""Which pictures and labels look wrong to a network whose features have seen neither.

Shapes: N pictures, F features, K classes.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from core.training.checkpoints import Trained
from core.training.recipe.networks import network_of

FOLDS = 5
NEIGHBOURS = 8  # more than there are copies of most things
PENALTY = 0.01  # on the squared weights: there are nearly as many features as pictures
STEPS = 60  # of L-BFGS
ROWS = 512  # pictures compared with all others at once
BATCH = 128


def is_frozen(trained: Trained) -> bool:
    """Whether the run has trained only the last layer, so that no label has touched the features."""
    return network_of(trained.config.network).body is not None


@torch.no_grad()
def features(trained: Trained, images: Tensor, index: Tensor) -> Tensor:
    """What the frozen part of a network makes of the pictures at `index` (N,) of uint8 `images`: float32 (N, F)."""
    body = network_of(trained.config.network).body
    return torch.cat([body(trained.model, trained.normalize(images[i])).float() for i in index.split(BATCH)])


def held_out(x_NF: Tensor, labels: Tensor, groups: Tensor, kinds: int, seed: int = 0) -> Tensor:
    """Probabilities (N, K) of each picture by a linear layer that has not learnt from it: cross-validation.

    Copies, which have one number in `groups` (N,), are held out together. A picture that was learnt with a wrong label
    is taken for that; one that was held out is taken for what it looks like.
    Source: Northcutt, Jiang & Chuang 2021, arXiv:1911.00068.
    """
    x_NF = (x_NF - x_NF.mean(0)) / x_NF.std(0).clamp_min(1e-6)
    _, bundle = groups.unique(return_inverse=True)
    order = torch.randperm(int(bundle.max()) + 1, generator=torch.Generator().manual_seed(seed))
    fold = order[bundle] % FOLDS
    found = x_NF.new_full((len(labels), kinds), 1 / kinds)
    for number in range(FOLDS):
        learnt, held = fold != number, fold == number
        if learnt.any() and held.any():
            found[held] = _linear(x_NF[learnt], labels[learnt], kinds)(x_NF[held])
    return found


def _linear(x_NF: Tensor, labels: Tensor, kinds: int) -> Callable[[Tensor], Tensor]:
    """Softmax regression, to its optimum; what it makes of features (N, F) are probabilities (N, K)."""
    weight = torch.zeros(x_NF.shape[1], kinds, requires_grad=True)
    bias = torch.zeros(kinds, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(x_NF @ weight + bias, labels) + PENALTY * weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    return lambda x: (x @ weight + bias).softmax(1).detach()


def unlikeness(x_NF: Tensor) -> Tensor:
    r"""How little each picture is like any other (N,): 0 where its eighth nearest neighbour is the same, 1 and more
    where they have nothing in common. A logo among pets is unlike all of them, whatever it is labelled.

    $$1 - \cos\angle(x_i, x_{(8)})$$
    """
    x_NF = F.normalize((x_NF - x_NF.mean(0)) / x_NF.std(0).clamp_min(1e-6))
    nearest = min(NEIGHBOURS + 1, len(x_NF))  # itself is one of them
    rows = [(x_NF[places] @ x_NF.T).topk(nearest).values[:, -1] for places in torch.arange(len(x_NF)).split(ROWS)]
    return 1 - torch.cat(rows)
