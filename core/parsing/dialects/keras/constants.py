"""Tables of known values in a network of Keras: how they are made, and the module that holds one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

MOST_VALUES = 2**22  # of one table


@dataclass(frozen=True)
class ConstantRecipe:
    """How a table is made: a function of PyTorch that takes a device, its arguments, and where the network lies."""

    make: Callable[..., Tensor]
    args: tuple[Any, ...]
    device: torch.device

    def made(self, device: torch.device) -> Tensor:
        """The table on a device."""
        return self.make(*self.args, device=device)


class Constant(nn.Module):
    """A table that no training changes. Shapes: nothing in; that of the table out."""

    def __init__(self, recipe: ConstantRecipe):
        super().__init__()
        self.recipe = recipe
        self.register_buffer("values", recipe.made(recipe.device), persistent=False)
        self.values: Tensor

    def reset_parameters(self) -> None:
        """Writes its values."""
        self.values.copy_(self.recipe.made(self.values.device))

    def forward(self) -> Tensor:
        return self.values

    def extra_repr(self) -> str:
        return f"{self.recipe.make.__name__}, {tuple(self.values.shape)}"


def of_values(values: Tensor) -> Constant:
    """The table that a text has worked out by numpy; zeros where its values are not known."""
    held = torch.zeros(values.shape) if values.is_meta else values.to(torch.float32)
    return Constant(ConstantRecipe(copied, (held,), values.device))


def copied(values: Tensor, device: Any = None) -> Tensor:
    """The values on a device."""
    return values.to(device)
