"""Layers of Paddle that PyTorch has not: a norm of a weight, a shift without a scale, a factor."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SpectralNormOf(nn.Module):
    """Divides a weight by its largest singular value, for which it keeps two vectors that nothing trains.

    Shapes: a weight of `shape` in, the same out. Source: SpectralNorm of paddle.nn, release 3.3.
    """

    def __init__(self, shape: tuple[int, ...], dim: int = 0, iterations: int = 1, epsilon: float = 1e-12):
        super().__init__()
        self.dim, self.iterations, self.epsilon = dim, iterations, epsilon
        rows = shape[dim]
        self.weight_u = nn.Parameter(torch.empty(rows), requires_grad=False)
        self.weight_v = nn.Parameter(torch.empty(math.prod(shape) // rows), requires_grad=False)
        self.reset_parameters()

    def _get_name(self) -> str:
        return "SpectralNorm"

    def reset_parameters(self) -> None:
        """Draws both vectors."""
        nn.init.normal_(self.weight_u)
        nn.init.normal_(self.weight_v)

    def forward(self, weight: Tensor) -> Tensor:
        matrix = weight.movedim(self.dim, 0).flatten(1)
        u: Tensor = self.weight_u
        v: Tensor = self.weight_v
        for _ in range(self.iterations):
            v = F.normalize(matrix.T @ u, dim=0, eps=self.epsilon)
            u = F.normalize(matrix @ v, dim=0, eps=self.epsilon)
        return weight / (u @ matrix @ v)


class Shift(nn.Module):
    """Adds a number for each channel, or one for each value of the last axes. Shapes: (B, C, ...) in and out."""

    def __init__(self, sizes: int | tuple[int, ...]):
        super().__init__()
        self.is_of_channels = isinstance(sizes, int)
        self.bias = nn.Parameter(torch.empty(sizes))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Begins at zero."""
        nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + (self.bias.reshape(-1, *[1] * (x.dim() - 2)) if self.is_of_channels else self.bias)


class Times(nn.Module):
    """Multiplies by a number. Shapes: any, the same out."""

    def __init__(self, factor: float):
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return self.factor * x


OTHER: dict[str, type[nn.Module]] = {one.__name__: one for one in (SpectralNormOf, Shift, Times)}
