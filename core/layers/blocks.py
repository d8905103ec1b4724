"""Blocks of networks that are more than a chain: addition, concatenation, permutation, layer scale.

Axes: B batch, C channels, H rows, W columns.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Residual(nn.Module):
    """A residual connection: `body(x) + shortcut(x)`.

    Several modules are one body, run in turn. Without a shortcut, x itself is added, so the body must keep its shape.

    Shapes: (B, C, H, W) in; out as the body's output, which the shortcut must match.
    Source: He et al. 2016, arXiv:1512.03385.

    >>> block = Residual(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU())
    >>> block(torch.zeros(1, 8, 5, 5)).shape
    torch.Size([1, 8, 5, 5])
    """

    def __init__(self, *body: nn.Module, shortcut: nn.Module | None = None):
        super().__init__()
        self.body = body[0] if len(body) == 1 else nn.Sequential(*body)
        self.shortcut = nn.Identity() if shortcut is None else shortcut

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return self.body(x_BCHW) + self.shortcut(x_BCHW)


class Parallel(nn.Module):
    """Gives the same input to every branch and concatenates their outputs along `dim`, the channels.

    Shapes: (B, C, H, W) in; out (B, sum of the branches' channels, H', W') for `dim=1`.
    Source: Szegedy et al. 2015, arXiv:1409.4842.

    >>> Parallel(nn.Conv2d(8, 4, 1), nn.Identity())(torch.zeros(1, 8, 5, 5)).shape
    torch.Size([1, 12, 5, 5])
    """

    def __init__(self, *branches: nn.Module, dim: int = 1):
        super().__init__()
        self.branches = nn.ModuleList(branches)
        self.dim = dim

    def forward(self, x_BCHW: Tensor) -> Tensor:
        return torch.cat([branch(x_BCHW) for branch in self.branches], self.dim)

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class Permute(nn.Module):
    """Reorders the axes: `Permute(0, 2, 3, 1)` takes (B, C, H, W) to (B, H, W, C), where Linear and LayerNorm see C."""

    def __init__(self, *dims: int):
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(self.dims)

    def extra_repr(self) -> str:
        return ", ".join(map(str, self.dims))


class Scale(nn.Module):
    """Multiplies each feature of the last axis by a learned factor that starts at `init`.

    Shapes: (..., features) in and out. Source: "LayerScale", Touvron et al. 2021, arXiv:2103.17239.
    """

    def __init__(self, features: int, init: float = 1e-6, device: torch.device | None = None):
        super().__init__()
        self.init = init
        self.weight = nn.Parameter(torch.empty(features, device=device))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.weight, self.init)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight

    def extra_repr(self) -> str:
        return f"{self.weight.numel()}, init={self.init}"


class ChannelBias(nn.Module):
    """Adds a learned number to each channel, at first 0: what batch norm keeps where it does not scale (Keras).

    Shapes: (B, features, ...) in and out.
    """

    def __init__(self, features: int, device: torch.device | None = None):
        super().__init__()
        self.bias = nn.Parameter(torch.empty(features, device=device))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.bias.view(-1, *(1,) * (x.dim() - 2))

    def extra_repr(self) -> str:
        return str(self.bias.numel())
