"""Does an explanation look at the network? One that stays when the weights are shuffled explains only the image."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.errors import PlaygroundError
from core.explain.methods import ExplanationMethod

LAST_LAYER, ALL_LAYERS = "Last layer", "All layers"


@dataclass(frozen=True, eq=False)
class SanityCheck:
    """The map of a method before and after shuffling weights, all (h, w), and how alike they are.

    `last_layer` and `all_layers` are rank correlations with `trained`, means over the draws; None where a map is even.
    """

    trained: Tensor
    last_layer_map: Tensor
    all_layers_map: Tensor
    last_layer: float | None
    all_layers: float | None


@torch.no_grad()
def shuffled(model: nn.Module, which: str, seed: int = 0) -> nn.Module:
    """A copy of the network with the values of each parameter in a random order; `which` is one of the two names above.

    The values themselves stay, so that the signal keeps about its size. A parameter of one value cannot change.
    Raises: PlaygroundError if the network has no parameters.
    """
    changed, generator = copy.deepcopy(model), torch.Generator().manual_seed(seed)
    layers = [module for module in changed.modules() if any(True for _ in module.parameters(recurse=False))]
    if not layers:
        raise PlaygroundError("this network has no weights that could be shuffled.")
    for layer in layers if which == ALL_LAYERS else layers[-1:]:
        for parameter in layer.parameters(recurse=False):
            order = torch.randperm(parameter.numel(), generator=generator)
            parameter.copy_(parameter.flatten()[order].view(parameter.shape))
    return changed


def sanity_check(
    method: ExplanationMethod, model: nn.Module, layer: str, x_1CHW: Tensor, label: int, draws: int = 3
) -> SanityCheck:
    """One method on one image before and after, over `draws` shuffles of the weights; the maps are of the first.

    Raises: PlaygroundError where the method does not explain this network.
    Source: Adebayo et al. 2018, arXiv:1810.03292; there the weights are drawn anew.
    """
    class_B = torch.tensor([label])
    trained = method.explain(model, layer, x_1CHW, class_B)[0]

    def of(which: str) -> list[Tensor]:
        networks = (shuffled(model, which, seed) for seed in range(draws))
        return [method.explain(network, layer, x_1CHW, class_B)[0] for network in networks]

    last, every = of(LAST_LAYER), of(ALL_LAYERS)
    return SanityCheck(trained, last[0], every[0], _mean(method, trained, last), _mean(method, trained, every))


def _mean(method: ExplanationMethod, trained: Tensor, others: list[Tensor]) -> float | None:
    """The mean correlation of the maps with the trained one; of their size alone where the sign says nothing."""
    compared = [one.abs() if method.is_sensitivity else one for one in (trained, *others)]
    values = [rank_correlation(compared[0], one) for one in compared[1:]]
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def rank_correlation(first: Tensor, second: Tensor) -> float | None:
    r"""Spearman's correlation of two maps of equal shape, -1 to 1; None if one of them has a single value.

    $$\rho = \frac{\operatorname{cov}(R_1, R_2)}{\sigma_{R_1} \sigma_{R_2}}$$

    R are the ranks of the cells; equal cells share the mean of theirs.
    Source: Spearman 1904, "The proof and measurement of association between two things".
    """
    ranks = torch.stack([_mean_ranks(first), _mean_ranks(second)])
    centred = ranks - ranks.mean(1, keepdim=True)
    lengths = centred.norm(dim=1)
    if not float(lengths.min()) > 0:
        return None
    return float((centred[0] @ centred[1]) / lengths.prod())


def _mean_ranks(values: Tensor) -> Tensor:
    """The rank of each value from 1, equal ones with the mean of theirs.

    >>> _mean_ranks(torch.tensor([5.0, 1.0, 5.0])).tolist()
    [2.5, 1.0, 2.5]
    """
    _, group, counts = values.flatten().double().unique(return_inverse=True, return_counts=True)
    after = counts.cumsum(0)
    return (after - (counts - 1) / 2)[group].double()
