"""A look at a network between two steps: which pictures are watched, and how each weight tensor moved."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.training.events import Layer


def spread(index: Tensor, labels: Tensor, count: int) -> Tensor:
    """Up to `count` of the places in `index`, the classes taking turns, in an order that does not depend on chance."""
    kinds = labels[index]
    turn = torch.zeros_like(kinds)
    for kind in kinds.unique():
        turn[kinds == kind] = torch.arange(int((kinds == kind).sum()))
    return torch.argsort(turn * (int(kinds.max()) + 1) + kinds)[:count]


def weights(model: nn.Module) -> dict[str, Tensor]:
    """Copies of all kernels and matrices that learn; biases and scales are left out."""
    return {name: p.detach().clone() for name, p in model.named_parameters() if p.dim() > 1 and p.requires_grad}


@torch.no_grad()
def layers(model: nn.Module, before: dict[str, Tensor]) -> tuple[Layer, ...]:
    """How each weight tensor stands and moved since `before`; nothing if that is empty."""
    if not before:
        return ()
    now = dict(model.named_parameters())
    old = list(before.values())
    gradients = [now[name].grad if now[name].grad is not None else torch.zeros_like(now[name]) for name in before]
    sizes, slopes = _norms(old), _norms(gradients)
    moved = _norms(torch._foreach_sub([now[name] for name in before], old))
    return tuple(
        Layer(name.removesuffix(".weight"), size, slope, move / size if size else 0.0)
        for name, size, slope, move in zip(before, sizes, slopes, moved, strict=True)
    )


def _norms(tensors: list[Tensor]) -> list[float]:
    """All lengths in one trip from the device."""
    return torch.stack(torch._foreach_norm(tensors)).tolist()
