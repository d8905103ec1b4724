"""The weight of Paddle's Linear has the inputs first: a text sees it so, and what it puts there is turned."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

FREEZING = {"trainable": False, "stop_gradient": True}  # attributes of a weight, and the value that freezes it


def as_seen(layer: nn.Module, name: str, value: Any) -> Any:
    """A part of a layer as a text of Paddle sees it.

    >>> as_seen(nn.Linear(3, 8), "weight", nn.Linear(3, 8).weight).shape
    torch.Size([3, 8])
    """
    if not _is_linear_weight(layer, name) or not isinstance(value, Tensor):
        return value
    seen = value.t()
    seen.stored = value  # type: ignore[attr-defined]
    return seen


def as_stored(layer: nn.Module, name: str, value: Any) -> Any:
    """The same the other way round: the parameter itself where it is one of another layer."""
    if not _is_linear_weight(layer, name) or not isinstance(value, Tensor):
        return value
    if hasattr(value, "stored"):
        return value.stored
    return nn.Parameter(value.t()) if isinstance(value, nn.Parameter) and value.dim() == 2 else value


def _is_linear_weight(layer: nn.Module, name: str) -> bool:
    kind = getattr(layer, "base_class", type(layer))
    return name == "weight" and isinstance(kind, type) and issubclass(kind, nn.Linear)
