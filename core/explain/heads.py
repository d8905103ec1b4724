"""Networks whose logits are weighted sums of the means of their last maps: only they have a class-activation map.

Whether a network is one is found by looking at its numbers, not at its layers' names: a residual block, a Dropout that
is off or a Flatten may stand between, and a network of anybody's own is judged the same way.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    maps, dense, logits_BK = _outputs(model, x_BCHW[:1])
    for pooled_BC, weight, bias in _endings(dense, logits_BK):
        for name, map_BCHW in reversed(maps):
            means = map_BCHW.mean((2, 3)) if map_BCHW.shape[2] * map_BCHW.shape[3] > 1 else None
            if means is not None and means.shape == pooled_BC.shape and torch.allclose(means, pooled_BC, 1e-3, 1e-4):
                return PooledHead(name, weight, bias)
    raise PlaygroundError(
        "this network does not end in a global average pool and one linear layer, so it has no class-activation map: "
        "use Grad-CAM, which works at any convolution."
    )


def _outputs(model: nn.Module, x: Tensor) -> tuple[list, list, Tensor]:
    """Every image-shaped output by module, every linear layer with what it took and gave, and the logits."""
    maps: list[tuple[str, Tensor]] = []
    dense: list[tuple[nn.Linear, Tensor, Tensor]] = []
    names = {module: name for name, module in model.named_modules()}

    def record(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if isinstance(module, nn.Linear):
            dense.append((module, inputs[0], output))
        elif isinstance(output, Tensor) and output.dim() == 4:
            maps.append((names[module], output))

    with hooked(model, record):
        return maps, dense, model(x)


def _endings(dense: list, logits_BK: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]:
    """What could have been pooled: what the last linear layer took, or the logits themselves; with weight and bias."""
    classes = logits_BK.shape[-1]
    endings = [
        (inputs, layer.weight.detach(), layer.bias.detach() if layer.bias is not None else logits_BK.new_zeros(classes))
        for layer, inputs, output in dense[-1:]
        if output.shape == logits_BK.shape and torch.equal(output, logits_BK)
    ]
    itself = torch.eye(classes, dtype=logits_BK.dtype), logits_BK.new_zeros(classes)
    return endings or [(logits_BK, *itself)]
