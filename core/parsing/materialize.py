"""Gives a network that exists only as shapes its memory and its first weights."""

from __future__ import annotations

import torch
from torch import nn

from core.errors import ParseError
from core.parsing.normed_weights import draw_normed, is_normed

MAX_REAL_PARAMETERS = 500_000_000  # 2 GB of fp32
DRAWN_LAST = (nn.MultiheadAttention, nn.Transformer)


def materialize(module: nn.Module, seed: int = 0, device: str | torch.device = "cpu") -> nn.Module:
    """The same module, in place, with weights on `device` drawn afresh by each layer's own rule.

    The weights are those that `torch.manual_seed(seed)` followed by building it layer by layer would give; the global
    random state is left as it was. A module that already has weights is drawn anew as well.

    Raises: ParseError above MAX_REAL_PARAMETERS, or for a layer with weights of its own that cannot draw them.

    >>> net = materialize(nn.Sequential(nn.Conv2d(3, 8, 3, device="meta")), seed=1)
    >>> net(torch.zeros(1, 3, 5, 5)).shape
    torch.Size([1, 8, 3, 3])
    """
    total = sum(p.numel() for p in module.parameters())
    if total > MAX_REAL_PARAMETERS:
        raise ParseError(
            f"The network has {total:,} parameters; at most {MAX_REAL_PARAMETERS:,} can be allocated here."
        )
    module.to_empty(device=device)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        _draw_all(module, set())
    return module


def _draw_all(module: nn.Module, drawn: set[nn.Module]) -> None:
    """Draws each part once; attention and transformers draw over what their parts have drawn, as PyTorch's do."""
    if module in drawn:
        return
    drawn.add(module)
    if not isinstance(module, DRAWN_LAST):
        _draw(module)
    for name, part in module.named_children():
        if name != "parametrizations":  # which belong to the layer that has them
            _draw_all(part, drawn)
    if isinstance(module, DRAWN_LAST):
        module._reset_parameters()


def _draw(part: nn.Module) -> None:
    reset = getattr(part, "reset_parameters", None)
    if callable(reset) and is_normed(part):
        draw_normed(part)
    elif callable(reset):
        reset()
    elif next(part.parameters(recurse=False), None) is not None or next(part.buffers(recurse=False), None) is not None:
        raise ParseError(f"{type(part).__name__} has no reset_parameters(), so its initial weights are unknown.")
