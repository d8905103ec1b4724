"""Layers of Paddle that PyTorch has not: a norm of a weight, a shift without a scale, a factor, a step."""

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


class GRUUnit(nn.Module):
    """One step of a GRU, of which a layer before it makes three values for each state.

    Shapes: (B, 3 * hidden) and (B, hidden) in; (B, hidden), (B, hidden) and (B, 3 * hidden) out: the states, those
    that are reset, the gates. Source: GRUUnit of paddle.fluid.dygraph, Paddle 1.8.
    """

    def __init__(self, hidden: int, bias: bool = True):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(hidden, 3 * hidden))
        self.bias = nn.Parameter(torch.empty(1, 3 * hidden)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws the weights as Paddle does; biases begin at zero."""
        nn.init.xavier_uniform_(self.weight)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, input: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        width = hidden.shape[1]
        given = input if self.bias is None else input + self.bias
        gates = (given[:, : 2 * width] + hidden @ self.weight[:, : 2 * width]).sigmoid()
        update, reset = gates.chunk(2, 1)
        kept = reset * hidden
        new = (given[:, 2 * width :] + kept @ self.weight[:, 2 * width :]).tanh()
        return (1 - update) * hidden + update * new, kept, torch.cat((gates, new), 1)


class RowConv(nn.Module):
    """Weighs each feature of a step and of so many to come. Shapes: (B, T, features) in and out.

    Source: row_conv of paddle.static.nn, release 3.3.
    """

    def __init__(self, features: int, ahead: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(ahead + 1, features))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws the weights as Paddle does."""
        nn.init.xavier_uniform_(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        steps = F.pad(x, (0, 0, 0, len(self.weight) - 1))
        return torch.stack([steps[:, i : i + x.shape[1]] * row for i, row in enumerate(self.weight)]).sum(0)


class OutputsOfLSTM(nn.LSTM):
    """An LSTM of which only the states of its last layer are given on. Shapes: (B, T, features) to (B, T, states)."""

    def __init__(self, features: int, hidden: int, layers: int, is_bidirectional: bool, dropout: float):
        super().__init__(features, hidden, layers, True, True, dropout if layers > 1 else 0.0, is_bidirectional)

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        return super().forward(x)[0]


OTHER: dict[str, type[nn.Module]] = {
    one.__name__: one for one in (SpectralNormOf, Shift, Times, GRUUnit, RowConv, OutputsOfLSTM)
}
