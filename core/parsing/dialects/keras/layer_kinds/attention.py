"""Keras's attention over sequences and its dot product of branches, on symbols.

Axes in Keras's order: B batch, T and S steps of queries and values, C features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.parsing.dialects.keras.symbols import KerasTensor, Record, in_keras_order, parts_of
from core.parsing.dialects.pytorch.layers import constructed
from core.parsing.evaluation.calls import BuiltinCall


class AdditiveAttention(nn.Module):
    """Attention whose scores are `sum(scale * tanh(q + k))`.

    Shapes: (B, C, T), (B, C, S), (B, C, S) in; (B, C, T) out, and on demand the weights, (B, S, T).
    Source: Bahdanau et al. 2015, arXiv:1409.0473.
    """

    def __init__(self, features: int, has_scale: bool = True):
        super().__init__()
        self.scale = nn.Parameter(torch.empty(features)) if has_scale else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws the scale as Keras does, uniformly."""
        if self.scale is not None:
            nn.init.uniform_(self.scale, -0.05, 0.05)

    def forward(self, q_BCT: Tensor, v_BCS: Tensor, k_BCS: Tensor, with_weights: bool = False) -> Any:
        sums_BCTS = torch.tanh(q_BCT.unsqueeze(3) + k_BCS.unsqueeze(2))
        scale = 1.0 if self.scale is None else self.scale.reshape(1, -1, 1, 1)
        weights_BST = F.softmax((sums_BCTS * scale).sum(1), -1).mT
        output_BCT = torch.matmul(v_BCS, weights_BST)
        return (output_BCT, weights_BST) if with_weights else output_BCT


def _parts(call: BuiltinCall, values: Sequence[KerasTensor]) -> list[KerasTensor]:
    """Query, value and key, which is the value where it is left out."""
    if len(values) not in (2, 3) or any(len(value.shape) != 2 for value in values):
        raise call.fail("it takes a list of sequences: a query, a value, and a key that may be left out.")
    return [*values[:2], values[-1]]


class ScaledAttention(nn.Module):
    """Attention whose scores have a learned scale; they are products, or sums of `tanh(scale * (q + k))`.

    Shapes: (B, C, T), (B, C', S), (B, C, S) of query, value and key in; (B, C', T) out, and on demand the weights,
    (B, S, T).
    Source: Luong et al. 2015, arXiv:1508.04025.
    """

    def __init__(self, has_scale: bool, is_sum: bool):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(())) if has_scale else None
        self.weight = nn.Parameter(torch.ones(())) if is_sum else None

    def reset_parameters(self) -> None:
        """Both begin at one, as in Keras."""
        for parameter in self.parameters():
            nn.init.ones_(parameter)

    def forward(self, q_BCT: Tensor, v_BCS: Tensor, k_BCS: Tensor, with_weights: bool = False) -> Any:
        scale = 1.0 if self.scale is None else self.scale
        if self.weight is None:
            scores_BTS = scale * torch.matmul(q_BCT.mT, k_BCS)
        else:
            scores_BTS = self.weight * torch.tanh(scale * (q_BCT.unsqueeze(3) + k_BCS.unsqueeze(2))).sum(1)
        weights_BST = F.softmax(scores_BTS, -1).mT
        output_BCT = torch.matmul(v_BCS, weights_BST)
        return (output_BCT, weights_BST) if with_weights else output_BCT


def dot_attention(
    call: BuiltinCall, values: Sequence[KerasTensor], *args: Any, with_weights: bool = False, **settings: Any
) -> Any:
    """`Attention()([query, value, key])`: scores are products, without weights unless they are scaled."""
    query, value, key = _parts(call, values)
    has_scale = bool(settings.get("use_scale", args[0] if args else False))
    is_sum = settings.get("score_mode", "dot") == "concat"
    if has_scale or is_sum:
        layer = constructed(call, ScaledAttention, (has_scale, is_sum), {})
        return _result(layer, [query, value, key], "attention", with_weights)
    output = in_keras_order(_attended, query, value, key, name="attention")
    return [output, in_keras_order(_weights, query, key, name="attention")] if with_weights else output


def _attended(q_BTC: Tensor, v_BSC: Tensor, k_BSC: Tensor) -> Tensor:
    return torch.matmul(_weights(q_BTC, k_BSC), v_BSC)


def _weights(q_BTC: Tensor, k_BSC: Tensor) -> Tensor:
    return F.softmax(torch.matmul(q_BTC, k_BSC.mT), -1)


def additive_attention(
    call: BuiltinCall, values: Sequence[KerasTensor], *args: Any, with_weights: bool = False, **settings: Any
) -> Any:
    """`AdditiveAttention()([query, value, key])`."""
    query, value, key = _parts(call, values)
    layer = constructed(call, AdditiveAttention, (query.shape[0], settings.get("use_scale", True) is not False), {})
    return _result(layer, [query, value, key], "additive_attention", with_weights)


def _result(layer: nn.Module, inputs: list[KerasTensor], name: str, with_weights: bool) -> Any:
    """What attention gives, and its weights on demand: a row of them for each step of the query."""
    query, value, _ = inputs
    shape = (value.shape[0], *query.shape[1:])
    record = Record(layer, (*inputs, True) if with_weights else tuple(inputs), {}, name)
    output = KerasTensor(shape, record, channels_first=query.channels_first)
    return parts_of(output, (shape, (value.shape[1], query.shape[1]))) if with_weights else output


def dot(call: BuiltinCall, values: Sequence[KerasTensor], *args: Any, **settings: Any) -> KerasTensor:
    """`Dot(axes=1)([a, b])`: products summed over an axis of each."""
    axes = call.evaluator.resolve_all(settings.get("axes", args[0] if args else None), call.node)
    pair = (axes, axes) if isinstance(axes, int) else tuple(axes or ())
    if len(values) != 2 or len(pair) != 2:
        raise call.fail("it takes two branches, and axes=1 or one axis for each.")
    is_normal = bool(settings.get("normalize", len(args) > 1 and args[1]))
    return in_keras_order(_dotted, *values, *pair, is_normal, name="dot")


def _dotted(a: Tensor, b: Tensor, axis_a: int, axis_b: int, is_normal: bool) -> Tensor:
    if is_normal:
        a, b = F.normalize(a, dim=axis_a), F.normalize(b, dim=axis_b)
    a, b = a.movedim(axis_a, -1), b.movedim(axis_b, -1)
    left, right = a.shape[1:-1], b.shape[1:-1]
    product = torch.matmul(
        a.flatten(1, -2) if left else a.unsqueeze(1), (b.flatten(1, -2) if right else b.unsqueeze(1)).mT
    )
    return product.reshape(a.shape[0], *(left + right or (1,)))
