"""`net._modules`: the layers of a network by their names. What is put in or taken out there is so in the network."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from torch import nn

from core.parsing.evaluation.values import type_name


class LayersByName(dict[str, Any]):
    """The layers of `owner`, to look through and to change.

    >>> net = nn.Sequential(nn.ReLU())
    >>> LayersByName(net)["0"] = nn.Tanh()
    >>> net
    Sequential(
      (0): Tanh()
    )
    """

    def __init__(self, owner: nn.Module):
        super().__init__(owner._modules)
        self.owner = owner

    def __setitem__(self, name: Any, layer: Any) -> None:
        if isinstance(name, nn.Module) and name is layer:  # as the first edition of a book keeps them: by themselves
            name = str(len(self))
        if not isinstance(name, str) or not isinstance(layer, (nn.Module, type(None))):
            raise TypeError(f"{type_name(layer)} is no layer")
        super().__setitem__(name, layer)
        self.owner._modules[name] = layer

    def __delitem__(self, name: str) -> None:
        super().__delitem__(name)
        del self.owner._modules[name]

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return copy.deepcopy(dict(self), memo)

    def take_out(self, name: str, *default: Any) -> Any:
        """`net._modules.pop("fc")`."""
        if name not in self and default:
            return default[0]
        layer = self[name]
        del self[name]
        return layer

    def put_in(self, layers: Mapping[str, Any]) -> None:
        """`net._modules.update(layers)`."""
        for name, layer in dict(layers).items():
            self[name] = layer
