"""Random masks of any dropout on the feature maps of a photograph.

Shape suffixes: R maps shown, H height, W width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from core.layers.dropout import DROPOUTS, DropConnect
from core.lessons.dropout import maps

DropoutSettings = tuple[tuple[str, float | int | bool], ...]


@dataclass(frozen=True)
class DropoutSample:
    """Feature maps with one random mask.

    before, after: (R, H, W); affected: bool (R, H, W), where a value was dropped or distorted;
    dropped_weights: bool (R, inputs) where dropout works on weights, else None.
    """

    before: np.ndarray
    after: np.ndarray
    affected: np.ndarray
    dropped_weights: np.ndarray | None = None

    @property
    def share(self) -> float:
        """Share that was dropped or distorted, 0 to 1: of the weights where it works on weights, else of the values."""
        return float((self.affected if self.dropped_weights is None else self.dropped_weights).mean())


def build_dropout(kind: str, settings: DropoutSettings, seed: int) -> Any:
    """A dropout of the signal, an `nn.Module` with `mask(x)`, in training mode, with a generator of its own."""
    return DROPOUTS[kind].build(**dict(settings), generator=torch.Generator().manual_seed(seed)).train()


def build_drop_connect(settings: DropoutSettings, seed: int, layer: nn.Module) -> DropConnect:
    """DropConnect around a layer in training mode, with a generator of its own."""
    values: dict[str, Any] = dict(settings)
    return DropConnect(layer, **values, generator=torch.Generator().manual_seed(seed)).train()


@torch.no_grad()
def sample(kind: str, settings: DropoutSettings, photograph: str, seed: int) -> DropoutSample:
    """One random mask on the maps of a photograph; for StochasticDepth on one map of each of the five photographs."""
    if DROPOUTS[kind].on == "weights":
        return _drop_weights(settings, photograph, seed)
    if DROPOUTS[kind].on == "branch":
        return _drop_branches(kind, settings, seed)
    x = maps.standardized(photograph) if kind == "AlphaDropout" else maps.feature_maps(photograph)
    mask = build_dropout(kind, settings, seed).mask(x).expand_as(x)
    after = build_dropout(kind, settings, seed)(x)
    return DropoutSample(x[0].numpy(), after[0].numpy(), (mask[0] == 0).numpy())


def _drop_weights(settings: DropoutSettings, photograph: str, seed: int) -> DropoutSample:
    layer, x = maps.first_layer(photograph), maps.block_input(photograph)
    after = build_drop_connect(settings, seed, layer)(x)[0]
    parameters = build_drop_connect(settings, seed, layer).masked_parameters(
        (1,) if dict(settings)["per_example"] else ()
    )
    dropped = (parameters["weight"].reshape(maps.SHOWN, -1) == 0).numpy()
    return DropoutSample(layer(x)[0].numpy(), after.numpy(), np.zeros(after.shape, dtype=bool), dropped)


def _drop_branches(kind: str, settings: DropoutSettings, seed: int) -> DropoutSample:
    x, branch = maps.branches()
    mask = build_dropout(kind, settings, seed).mask(branch).expand_as(branch)
    after = x + build_dropout(kind, settings, seed)(branch)
    channel = int(branch.var((0, 2, 3)).argmax())
    return DropoutSample(*(part[:, channel].numpy() for part in (x + branch, after, mask == 0)))
