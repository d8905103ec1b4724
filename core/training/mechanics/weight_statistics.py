"""The state of a network between two steps: the watched images, and the update of each weight tensor."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.training.events import LayerUpdate


def balanced_sample(index: Tensor, labels: Tensor, count: int) -> Tensor:
    """Up to `count` positions in `index`, the classes taking turns, in a fixed order."""
    classes = labels[index]
    turn = torch.zeros_like(classes)
    for label in classes.unique():
        turn[classes == label] = torch.arange(int((classes == label).sum()))
    return torch.argsort(turn * (int(classes.max()) + 1) + classes)[:count]


def copy_weights(model: nn.Module) -> dict[str, Tensor]:
    """Copies of all kernels and matrices that are trained; biases and scales are left out."""
    return {name: p.detach().clone() for name, p in model.named_parameters() if p.dim() > 1 and p.requires_grad}


@torch.no_grad()
def layer_updates(model: nn.Module, before: dict[str, Tensor]) -> tuple[LayerUpdate, ...]:
    """Norm, gradient and update of each weight tensor since `before`; nothing if that is empty."""
    if not before:
        return ()
    now = dict(model.named_parameters())
    old = list(before.values())
    gradients = [_gradient(now[name]) for name in before]
    updates = torch._foreach_sub([now[name] for name in before], old)
    norms = zip(before, _norms(old), _norms(gradients), _norms(updates), strict=True)
    return tuple(
        LayerUpdate(name.removesuffix(".weight"), weight, gradient, update / weight if weight else 0.0)
        for name, weight, gradient, update in norms
    )


def _gradient(parameter: nn.Parameter) -> Tensor:
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad


def _norms(tensors: Sequence[Tensor]) -> list[float]:
    """All 2-norms in one transfer from the device."""
    norms: list[float] = torch.stack(torch._foreach_norm(list(tensors))).tolist()
    return norms
