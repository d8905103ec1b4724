"""Networks whose logits are weighted sums of the means of their last maps: only they have a class-activation map.

Whether a network is one is found by looking at its numbers, not at its layers' names: a residual block, a Dropout that
is off or a Flatten may stand between, and a network of anybody's own is judged the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.errors import PlaygroundError
from core.explain.hooks import hooked


@dataclass(frozen=True, eq=False)
class PooledHead:
    """Logits are `weight` (K, C) times the means of the maps (C, h, w) of the module `features`, plus `bias` (K,)."""

    features: str
    weight: Tensor  # (K, C)
    bias: Tensor  # (K,)


@torch.no_grad()
def pooled_head(model: nn.Module, x_BCHW: Tensor) -> PooledHead:
    """The head of a network that ends in a global average pool and a linear layer, or in the pool alone.

    Raises: PlaygroundError if this network has no such head, with the way out.
    """
    maps, linear, logits_BK = recorded_outputs(model, x_BCHW[:1])
    for pooled_BC, weight, bias in _endings(linear, logits_BK):
        for name, map_BCHW in reversed(maps):
            means = map_BCHW.mean((2, 3)) if map_BCHW.shape[2] * map_BCHW.shape[3] > 1 else None
            if means is not None and means.shape == pooled_BC.shape and torch.allclose(means, pooled_BC, 1e-3, 1e-4):
                return PooledHead(name, weight, bias)
    raise PlaygroundError(
        "this network does not end in a global average pool and one linear layer, so it has no class-activation map: "
        "use Grad-CAM, which works at any convolution."
    )


class LinearCall(NamedTuple):
    """A linear layer by its name, what it took and what it gave."""

    name: str
    module: nn.Linear
    input: Tensor
    output: Tensor


class RecordedOutputs(NamedTuple):
    """Every output that is a stack of maps (B, C, h, w), with its module's name; every linear layer; the logits."""

    maps: list[tuple[str, Tensor]]
    linear: list[LinearCall]
    logits: Tensor


def recorded_outputs(model: nn.Module, x_BCHW: Tensor) -> RecordedOutputs:
    """What the modules of a network give for images, in the order in which they are called."""
    maps: list[tuple[str, Tensor]] = []
    linear: list[LinearCall] = []
    names = {module: name for name, module in model.named_modules()}

    def record(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if isinstance(module, nn.Linear):
            linear.append(LinearCall(names[module], module, inputs[0].clone(), output.clone()))
        elif isinstance(output, Tensor) and output.dim() == 4:
            maps.append((names[module], output))

    with hooked(model, record):
        logits = model(x_BCHW)
    return RecordedOutputs(maps, linear, logits)


def _endings(linear: list[LinearCall], logits_BK: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]:
    """What could have been pooled: what the last linear layer took, or the logits themselves; with weight and bias."""
    classes = logits_BK.shape[-1]
    endings = [
        (one.input, one.module.weight.detach(), bias_of(one.module))
        for one in linear[-1:]
        if one.output.shape == logits_BK.shape and torch.equal(one.output, logits_BK)
    ]
    itself = torch.eye(classes, dtype=logits_BK.dtype), logits_BK.new_zeros(classes)
    return endings or [(logits_BK, *itself)]


def bias_of(module: nn.Linear) -> Tensor:
    """The bias (K,) of a linear layer, zeros where it has none."""
    return module.weight.new_zeros(module.out_features) if module.bias is None else module.bias.detach()
