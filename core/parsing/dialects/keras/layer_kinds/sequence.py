"""Keras's layers for sequences in PyTorch: embeddings, attention, a layer at each step, convolutional LSTMs.

Axes: B batch, C channels or features, T steps, U units; sequences are (B, C, T), as after `nn.Conv1d`.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class TokenEmbedding(nn.Module):
    """A learned vector for each index. Shapes: (B, T) of indices in; (B, C, T) out.

    Indices of Keras's shape (rows, T) are (T, rows) here, as if T were channels: (B, C, rows, T) out.
    """

    def __init__(self, tokens: int, features: int):
        super().__init__()
        self.embedding = nn.Embedding(tokens, features)

    def forward(self, x_BT: Tensor) -> Tensor:
        return self.embedding(x_BT.movedim(1, -1).long()).movedim(-1, 1)


class TimeDistributed(nn.Module):
    """Applies a layer to each step of a sequence. Shapes: (B, C, T, ...) in; the layer's output per step out."""

    def __init__(self, layer: nn.Module):
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        batch, steps = x.shape[0], x.shape[2]
        y = self.layer(x.transpose(1, 2).flatten(0, 1))
        return y.unflatten(0, (batch, steps)).transpose(1, 2)


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
    """Keras's ConvLSTM1D to 3D: an LSTM whose gates are convolutions.

    Args: `enter` makes four times `filters` maps of an image; `kernel` is that of the convolution of what is kept.
    Shapes: (B, C, T, ...) in; (B, F, [T,] ...) out, and with `with_states` the last output and cell, (B, F, ...).
    Source: Shi et al. 2015, arXiv:1506.04214.
    """

    def __init__(
        self,
        enter: nn.Module,
        filters: int,
        kernel: tuple[int, ...],
        all_steps: bool,
        with_states: bool = False,
        is_backward: bool = False,
    ):
        super().__init__()
        self.is_backward = is_backward
        convolution = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[len(kernel) - 1]
        self.input = enter
        self.recurrent = convolution(filters, 4 * filters, kernel, padding="same", bias=False)  # type: ignore[arg-type]
        self.all_steps, self.with_states = all_steps, with_states

    def forward(self, x: Tensor) -> Any:
        outputs: list[Tensor] = []
        cell = torch.zeros(())
        images = x.unbind(2)
        for image in images[::-1] if self.is_backward else images:
            gates = self.input(image)
            if outputs:
                gates = gates + self.recurrent(outputs[-1])
            enter, forget, new, leave = gates.chunk(4, 1)
            kept = torch.sigmoid(forget) * cell if outputs else 0
            cell = kept + torch.sigmoid(enter) * torch.tanh(new)
            outputs.append(torch.sigmoid(leave) * torch.tanh(cell))
        output = torch.stack(outputs, 2) if self.all_steps else outputs[-1]
        return (output, outputs[-1], cell) if self.with_states else output
