"""Multiply-accumulates of operations that only backward passes call; see `macs` for those of forward passes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch

aten = torch.ops.aten


def _convolution(args: tuple) -> int:
    """The gradients of input and weight, where they are wanted, take as many as the forward pass each."""
    gradient, x, weight, transposed, output_mask = args[0], args[1], args[2], args[7], args[-1]
    cells = x.numel() if transposed else gradient.numel()
    return sum(output_mask[:2]) * cells * math.prod(weight.shape[1:])


def _attention(args: tuple) -> int:
    """Scores again, then the gradients of query and key over E, and those of scores and value over Ev."""
    query, key, value = args[1:4]
    return math.prod(query.shape[:-1]) * key.shape[-2] * (3 * query.shape[-1] + 2 * value.shape[-1])


def _lstm(args: tuple) -> int:
    """Gradients of input and weights: twice the forward pass."""
    return 2 * math.prod(args[0].shape[:2]) * (args[1].numel() + args[2].numel())


BACKWARD_MACS: dict[Any, Callable[[tuple], int]] = {
    aten.convolution_backward: _convolution,
    aten._scaled_dot_product_flash_attention_for_cpu_backward: _attention,
    aten._scaled_dot_product_flash_attention_backward: _attention,
    aten._scaled_dot_product_efficient_attention_backward: _attention,
    aten.mkldnn_rnn_layer_backward: _lstm,
}


def backward_macs_of(func: Any, args: tuple) -> int:
    """Multiply-accumulates of one call of such an operation, for the whole batch; 0 for all others."""
    formula = BACKWARD_MACS.get(func.overloadpacket)
    return formula(args) if formula else 0
