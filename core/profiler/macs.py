"""Multiply-accumulates of an operation: one registry, from PyTorch operation to formula. Adding bias is left out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

aten = torch.ops.aten


def _convolution(args: tuple, outputs: Any) -> int:
    """Each output cell takes (in_channels / groups) * kernel cells; transposed, each input cell gives as many."""
    x, weight, transposed = args[0], args[1], args[6]
    cells = x.numel() if transposed else outputs.numel()
    return cells * math.prod(weight.shape[1:])


def _matmul(left: int, right: int) -> Callable[[tuple, Any], int]:
    """(..., n, k) times (..., k, m): n * k * m products for each matrix."""
    return lambda args, outputs: args[left].numel() * (args[right].shape[-1] if args[right].dim() > 1 else 1)


def _attention(args: tuple, outputs: Any) -> int:
    """Scores (L, S) of E products each, then their sum over S for each of the Ev values."""
    query, key, value = args[:3]
    return math.prod(query.shape[:-1]) * key.shape[-2] * (query.shape[-1] + value.shape[-1])


def _trilinear(args: tuple, outputs: Any) -> int:
    """nn.Bilinear: x1 (B, I), weight (O, I, J), x2 (B, J)."""
    return args[0].shape[0] * args[1].numel() + outputs.numel() * args[2].shape[-1]


def _lstm(args: tuple, outputs: Any) -> int:
    """One layer in one direction: x (T, B, I) times the weights of four gates, (4H, I) and (4H, H)."""
    return math.prod(args[0].shape[:2]) * (args[1].numel() + args[2].numel())


def _grouped(args: tuple, outputs: Any) -> int:
    """Each row by the matrix of its group; where columns are grouped, each column."""
    left, right = args[:2]
    return outputs.numel() * left.shape[-1] if left.dim() > right.dim() else left.numel() * right.shape[-1]


MACS: dict[Any, Callable[[tuple, Any], int]] = {
    aten.convolution: _convolution,
    aten._convolution: _convolution,  # as TorchScript writes it down
    aten._grouped_mm: _grouped,
    aten.mm: _matmul(0, 1),
    aten.bmm: _matmul(0, 1),
    aten.mv: _matmul(0, 1),
    aten.dot: _matmul(0, 1),
    aten.addmm: _matmul(1, 2),
    aten.baddbmm: _matmul(1, 2),
    aten.addmv: _matmul(1, 2),
    aten._trilinear: _trilinear,
    aten.mkldnn_rnn_layer: _lstm,
    aten._scaled_dot_product_flash_attention_for_cpu: _attention,
    aten._scaled_dot_product_flash_attention: _attention,
    aten._scaled_dot_product_efficient_attention: _attention,
    aten._scaled_dot_product_fused_attention_overrideable: _attention,
}


def macs_of(func: Any, args: tuple, outputs: Any) -> int:
    """Multiply-accumulates of one call of an ATen operation, for the whole batch; 0 where it multiplies no matrices."""
    formula = MACS.get(func.overloadpacket)
    return formula(args, outputs) if formula else 0
