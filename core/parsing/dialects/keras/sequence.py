"""Keras's layers for sequences in PyTorch: embeddings, attention, a layer at each step, convolutional LSTMs.

Axes: B batch, C channels or features, T steps, U units; sequences are (B, C, T), as after `nn.Conv1d`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class TokenEmbedding(nn.Module):
    """A learned vector for each index. Shapes: (B, T) of indices in; (B, C, T) out."""

    def __init__(self, tokens: int, features: int):
        super().__init__()
        self.embedding = nn.Embedding(tokens, features)

    def forward(self, x_BT: Tensor) -> Tensor:
        return self.embedding(x_BT.long()).transpose(1, 2)


class TimeDistributed(nn.Module):
    """Applies a layer to each step of a sequence. Shapes: (B, C, T, ...) in; the layer's output per step out."""

    def __init__(self, layer: nn.Module):
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        batch, steps = x.shape[0], x.shape[2]
        y = self.layer(x.transpose(1, 2).flatten(0, 1))
        return y.unflatten(0, (batch, steps)).transpose(1, 2)


class Attention(nn.Module):
    """Keras's MultiHeadAttention: heads of a size of their own. Shapes: (B, C, T) twice in; (B, C, T) out.

    Source: Vaswani et al. 2017, arXiv:1706.03762.
    """

    def __init__(self, features: int, heads: int, size: int, value_size: int, bias: bool = True):
        super().__init__()
        inner, values = heads * size, heads * value_size
        self.heads = heads
        self.query, self.key = nn.Linear(features, inner, bias), nn.Linear(features, inner, bias)
        self.value, self.output = nn.Linear(features, values, bias), nn.Linear(values, features, bias)

    def forward(self, x_BCT: Tensor, y_BCT: Tensor | None = None) -> Tensor:
        x_BTC, y_BTC = x_BCT.transpose(1, 2), (x_BCT if y_BCT is None else y_BCT).transpose(1, 2)
        parts = [self.query(x_BTC), self.key(y_BTC), self.value(y_BTC)]
        query, key, value = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in parts)
        mixed = F.scaled_dot_product_attention(query, key, value)
        return self.output(mixed.transpose(1, 2).flatten(2)).transpose(1, 2)


class Slopes(nn.Module):
    """Keras's PReLU with a slope for each value. Shapes: (B, C, ...) in and out; a slope is shared along a side of 1.

    Source: He et al. 2015, arXiv:1502.01852.
    """

    def __init__(self, shape: tuple[int, ...]):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(shape))

    def reset_parameters(self) -> None:
        """Slopes begin at zero."""
        nn.init.zeros_(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x) - self.weight * F.relu(-x)


class ConvLSTM(nn.Module):
    """Keras's ConvLSTM2D: an LSTM whose gates are convolutions. Shapes: (B, C, T, H, W) in; (B, F, [T,] H', W') out.

    Source: Shi et al. 2015, arXiv:1506.04214.
    """

    def __init__(self, channels: int, filters: int, kernel: tuple[int, int], padding: str, bias: bool, all_steps: bool):
        super().__init__()
        self.input = nn.Conv2d(channels, 4 * filters, kernel, padding=padding, bias=bias)
        self.recurrent = nn.Conv2d(filters, 4 * filters, kernel, padding="same", bias=False)
        self.all_steps = all_steps

    def forward(self, x_BCTHW: Tensor) -> Tensor:
        outputs: list[Tensor] = []
        cell = torch.zeros(())
        for x_BCHW in x_BCTHW.unbind(2):
            gates = self.input(x_BCHW)
            if outputs:
                gates = gates + self.recurrent(outputs[-1])
            enter, forget, new, leave = gates.chunk(4, 1)
            kept = torch.sigmoid(forget) * cell if outputs else 0
            cell = kept + torch.sigmoid(enter) * torch.tanh(new)
            outputs.append(torch.sigmoid(leave) * torch.tanh(cell))
        return torch.stack(outputs, 2) if self.all_steps else outputs[-1]
