"""Keras's layers for sequences in PyTorch: recurrent ones, embeddings, attention, a layer at each step.

Axes: B batch, C channels or features, T steps, U units; sequences are (B, C, T), as after `nn.Conv1d`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SingleBiasLSTM(nn.LSTM):
    """An LSTM with one bias per gate, as Keras counts it; PyTorch's own has two, whose sum is all that matters."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name in [name for name in self._parameters if name.startswith("bias_hh")]:
            bias = self._parameters.pop(name)
            if bias is not None:
                self.register_buffer(name, torch.zeros_like(bias))

    def reset_parameters(self) -> None:
        """Draws the weights; the second bias stays zero."""
        super().reset_parameters()
        for buffer in self._buffers.values():
            if buffer is not None:
                buffer.zero_()


CELLS: dict[str, type[nn.RNNBase]] = {"LSTM": SingleBiasLSTM, "GRU": nn.GRU, "SimpleRNN": nn.RNN}


class Recurrent(nn.Module):
    """LSTM, GRU or SimpleRNN over a sequence: the output of the last step, or of all of them.

    Shapes: (B, C, T) in; (B, U) out, or (B, U, T) with `all_steps`; twice U where it runs both ways.
    """

    def __init__(self, kind: str, features: int, units: int, all_steps: bool = False, both_ways: bool = False):
        super().__init__()
        cell: Callable[..., nn.RNNBase] = CELLS[kind]
        self.rnn = cell(features, units, batch_first=True, bidirectional=both_ways)
        self.all_steps = all_steps

    def forward(self, x_BCT: Tensor) -> Tensor:
        y_BTU, _ = self.rnn(x_BCT.transpose(1, 2))
        if self.all_steps:
            return y_BTU.transpose(1, 2)
        if not self.rnn.bidirectional:
            return y_BTU[:, -1]
        units = self.rnn.hidden_size
        return torch.cat([y_BTU[:, -1, :units], y_BTU[:, 0, units:]], 1)


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

    def __init__(self, features: int, heads: int, size: int, value_size: int | None = None):
        super().__init__()
        inner, values = heads * size, heads * (value_size or size)
        self.heads = heads
        self.query, self.key = nn.Linear(features, inner), nn.Linear(features, inner)
        self.value, self.output = nn.Linear(features, values), nn.Linear(values, features)

    def forward(self, x_BCT: Tensor, y_BCT: Tensor | None = None) -> Tensor:
        x_BTC, y_BTC = x_BCT.transpose(1, 2), (x_BCT if y_BCT is None else y_BCT).transpose(1, 2)
        parts = [self.query(x_BTC), self.key(y_BTC), self.value(y_BTC)]
        query, key, value = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in parts)
        mixed = F.scaled_dot_product_attention(query, key, value)
        return self.output(mixed.transpose(1, 2).flatten(2)).transpose(1, 2)
