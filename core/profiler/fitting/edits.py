"""Small changes of a network: what one click may do to it. They act on a copy that holds no bytes."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from core.errors import PlaygroundError


@dataclass(frozen=True)
class Edit:
    """One change: setting `argument` of the layer at `path` to `value`, or, with argument "drop", leaving it out."""

    path: str
    argument: str
    value: Any = None

    @property
    def sentence(self) -> str:
        if self.argument == "drop":
            return f"remove {self.path}"
        return f"set {self.argument}={self.value} in {self.path}"


def edited(model: nn.Module, edits: Sequence[Edit]) -> nn.Module:
    """A copy of `model` on the meta device with the edits made; `model` itself is not touched."""
    memo: dict[int, Any] = {}
    for tensor in [*model.parameters(), *model.buffers()]:
        memo[id(tensor)] = _on_meta(tensor)
    changed = copy.deepcopy(model, memo)
    for edit in edits:
        try:
            parent, _, name = edit.path.rpartition(".")
            owner = changed.get_submodule(parent)
            layer = owner.get_submodule(name)
        except AttributeError:
            raise PlaygroundError(f"the network has no layer {edit.path!r} to change") from None
        owner.add_module(name, _replacement(layer, edit))
    return changed


def _on_meta(tensor: torch.Tensor) -> torch.Tensor:
    empty = torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")
    return nn.Parameter(empty, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else empty


def _replacement(layer: nn.Module, edit: Edit) -> nn.Module:
    if edit.argument == "drop":
        return nn.Identity()
    if isinstance(layer, nn.Linear) and edit.argument == "in_features":
        like = {"device": "meta", "dtype": layer.weight.dtype}
        return nn.Linear(edit.value, layer.out_features, layer.bias is not None, **like)
    if not hasattr(layer, edit.argument):
        raise PlaygroundError(f"{type(layer).__name__} ({edit.path}) has no {edit.argument!r} to change")
    setattr(layer, edit.argument, edit.value)
    return layer
