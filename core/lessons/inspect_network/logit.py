"""The last step of a network: from the last maps to features, and from their products with weights to a logit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.errors import PlaygroundError
from core.explain.heads import bias_of, recorded_outputs
from core.explain.hooks import evaluating

MEAN, MAXIMUM, FLATTEN, HIDDEN = "mean", "max", "flatten", "hidden"
SHOWN = 5  # products that are listed one by one


@dataclass(frozen=True, eq=False)
class LastLayer:
    """Logits (K,) are `weight` (K, F) times `features` (F,) plus `bias` (K,).

    `features` are the mean or the maximum of each of the last `maps` (C, h, w), these maps flattened, or the output of
    a hidden layer (`maps` is None), as `source` says; `map_layer` is the name of the module that gave the maps.
    A network without a last linear layer has the identity as its weight: each map is the score of one class.
    """

    name: str  # of the linear layer; empty if there is none
    features: Tensor
    weight: Tensor
    bias: Tensor
    logits: Tensor
    source: str
    maps: Tensor | None = None
    map_layer: str = ""

    def sum_of(self, index: int) -> LogitSum:
        """The products behind the logit of one class, in float64."""
        return LogitSum(self.features.double(), self.weight[index].double(), float(self.bias[index]))

    def cells_of(self, channel: int) -> slice:
        """Where the features of a map lie in the feature vector: one if it is pooled, h times w if it is flattened."""
        cells = self.maps[channel].numel() if self.maps is not None and self.source == FLATTEN else 1
        return slice(channel * cells, (channel + 1) * cells)


@dataclass(frozen=True, eq=False)
class LogitSum:
    """One logit as a sum: `features` (F,) times `weights` (F,), and the bias."""

    features: Tensor
    weights: Tensor
    bias: float

    @property
    def products(self) -> Tensor:
        return self.features * self.weights

    @property
    def logit(self) -> float:
        return linear_logit(self.features, self.weights, self.bias)

    def strongest(self, count: int = SHOWN) -> list[int]:
        """The features whose products are largest in size, the largest first."""
        return self.products.abs().argsort(descending=True, stable=True)[:count].tolist()


class MapShare(NamedTuple):
    """What one of the last maps adds to a logit, all of its cells together."""

    channel: int
    value: float


def linear_logit(features_F: Tensor, weights_F: Tensor, bias: float) -> float:
    r"""The logit of a class: one row of the weight matrix times the feature vector, plus a bias.

    $$z_k = \sum_f w_{kf}\,x_f + b_k$$
    """
    return float(features_F.double() @ weights_F.double()) + bias


def map_shares(layer: LastLayer, index: int) -> list[MapShare]:
    """What each of the last maps adds to the logit of a class, the largest share first; none behind a hidden layer."""
    if layer.maps is None:
        return []
    products = layer.sum_of(index).products
    shares = products.view(len(layer.maps), -1).sum(1)
    order = shares.abs().argsort(descending=True, stable=True).tolist()
    return [MapShare(channel, float(shares[channel])) for channel in order]


@torch.no_grad()
def last_layer(model: nn.Module, x_BCHW: Tensor) -> LastLayer:
    """How this network makes its logits of one image (1, C, H, W).

    What the last linear layer reads is recognized by its values: the mean, the maximum or all cells of some module's
    maps, or else a hidden layer.
    Raises: PlaygroundError if the logits come from no linear layer and are no means of maps.
    """
    maps, linear, logits_BK = recorded_outputs(model, x_BCHW[:1])
    flat = [one for one in linear if one.output.dim() == 2]
    if flat and torch.equal(flat[-1].output, logits_BK):
        last = flat[-1]
        features, weight, bias, name = last.input[0], last.module.weight.detach(), bias_of(last.module), last.name
    else:
        classes = logits_BK.shape[1] if logits_BK.dim() == 2 else 0
        features, weight, bias, name = logits_BK[0], torch.eye(classes), torch.zeros(classes), ""
    for map_layer, map_BCHW in reversed(maps):
        if source := _source(map_BCHW, features):
            return LastLayer(name, features, weight, bias, logits_BK[0], source, map_BCHW[0], map_layer)
    if not name:
        raise PlaygroundError(
            "the last step of this network is no linear layer and no mean of maps: its logits cannot be taken apart."
        )
    return LastLayer(name, features, weight, bias, logits_BK[0], HIDDEN)


def _source(map_BCHW: Tensor, features: Tensor) -> str:
    """How features (F,) are made of maps, empty if they are not."""
    pooled = map_BCHW.shape[2] * map_BCHW.shape[3] > 1
    candidates = {
        MEAN: map_BCHW.mean((2, 3))[0] if pooled else None,
        MAXIMUM: map_BCHW.amax((2, 3))[0] if pooled else None,
        FLATTEN: map_BCHW[0].flatten() if pooled else None,
    }
    for source, values in candidates.items():
        if values is not None and values.shape == features.shape and torch.allclose(values, features, 1e-4, 1e-5):
            return source
    return ""


@torch.no_grad()
def logits(model: nn.Module, x_BCHW: Tensor) -> Tensor:
    """The logits (K,) of one image (1, C, H, W), float32."""
    with evaluating(model):
        return model(x_BCHW[:1])[0].float()
