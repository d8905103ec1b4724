"""Keras's attention with heads: the module, and how a text's settings and the inputs of its call become one.

Axes: B batch, C features, T and S steps of queries and values, H heads; sequences are (B, C, T), as after `nn.Conv1d`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.dialects.keras.input_symbols import symbol
from core.parsing.dialects.keras.layer_kinds.recurrent import layer_number
from core.parsing.dialects.keras.symbols import KerasTensor, Record, channels_last, parts_of
from core.parsing.dialects.pytorch.layers import constructed
from core.parsing.evaluation.calls import BuiltinCall

HIDDEN = -1e9  # added to the score of what a step does not look at


@dataclass(frozen=True)
class HeadSizes:
    """How many heads queries have, and keys and values; the size of a key and of a value; the features that result."""

    heads: int
    shared_heads: int
    key: int
    value: int
    output: int
    bias: bool = True
    axes: tuple[int, ...] = (1,)  # of Keras, over which is attended


class Attention(nn.Module):
    """Keras's MultiHeadAttention and GroupQueryAttention, whose inputs may have different widths.

    Shapes: (B, C, T), (B, C', S), (B, C", S) of queries, values and keys in; (B, output, T) out, and on demand the
    weights, (B, S, H, T).
    Source: Vaswani et al. 2017, arXiv:1706.03762; Ainslie et al. 2023, arXiv:2305.13245.
    """

    def __init__(self, query: int, value: int, key: int, sizes: HeadSizes):
        super().__init__()
        self.sizes, bias = sizes, sizes.bias
        self.query = nn.Linear(query, sizes.heads * sizes.key, bias)
        self.key = nn.Linear(key, sizes.shared_heads * sizes.key, bias)
        self.value = nn.Linear(value, sizes.shared_heads * sizes.value, bias)
        self.output = nn.Linear(sizes.heads * sizes.value, sizes.output, bias)

    def forward(
        self,
        q_BCT: Tensor,
        v_BCS: Tensor,
        k_BCS: Tensor,
        with_weights: bool = False,
        is_causal: bool = False,
        mask_TS: Tensor | None = None,
    ) -> Any:
        sizes = self.sizes
        if q_BCT.dim() > 3:
            q, v, k = (as_sequences(x, sizes.axes) for x in (q_BCT, v_BCS, k_BCS))
            return as_before(self(q, v, k, False, is_causal), q_BCT.shape, sizes.axes)
        query_BHTC = self._heads(self.query(q_BCT.mT), sizes.heads)
        key_BHSC = self._heads(self.key(k_BCS.mT), sizes.shared_heads)
        value_BHSC = self._heads(self.value(v_BCS.mT), sizes.shared_heads)
        hidden = _hidden(q_BCT.shape[2], v_BCS.shape[2], is_causal, mask_TS, q_BCT)
        mixed_BHTC = F.scaled_dot_product_attention(query_BHTC, key_BHSC, value_BHSC, hidden)
        output_BCT = self.output(mixed_BHTC.transpose(1, 2).flatten(2)).mT
        if not with_weights:
            return output_BCT
        scores_BHTS = query_BHTC @ key_BHSC.mT / sizes.key**0.5
        weights_BHTS = F.softmax(scores_BHTS if hidden is None else scores_BHTS + hidden, -1)
        return output_BCT, weights_BHTS.movedim(-1, 1)

    def _heads(self, x_BTC: Tensor, heads: int) -> Tensor:
        """Features as heads, each as often as queries share it."""
        x_BHTC = x_BTC.unflatten(2, (heads, -1)).transpose(1, 2)
        return x_BHTC.repeat_interleave(self.sizes.heads // heads, 1) if heads < self.sizes.heads else x_BHTC


def as_sequences(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """(B, C, ...) -> (B', C, T): places along some axes become steps, those along others belong to the batch."""
    others = [dim for dim in range(2, x.dim()) if dim - 1 not in axes]
    return x.permute(0, *others, 1, *(axis + 1 for axis in axes)).flatten(0, len(others)).flatten(2)


def as_before(y_BCT: Tensor, shape: torch.Size, axes: tuple[int, ...]) -> Tensor:
    """The inverse: (B', C', T) -> (B, C', ...), whose places are those of an input of that shape."""
    others = [dim for dim in range(2, len(shape)) if dim - 1 not in axes]
    order = [0, *others, 1, *(axis + 1 for axis in axes)]
    y = y_BCT.unflatten(2, [shape[axis + 1] for axis in axes]).unflatten(0, [shape[0], *(shape[dim] for dim in others)])
    return y.permute(*(order.index(dim) for dim in range(len(shape))))


def _hidden(steps: int, others: int, is_causal: bool, mask: Tensor | None, like: Tensor) -> Tensor | None:
    """What is added to the scores so that no step looks at what is hidden from it; None where all is seen.

    Shapes of the mask: (T, S), (B, T, S) or (B, H, T, S), where any but the last two may be 1; one that says 0 hides.
    """
    seen = None
    if is_causal:
        seen = torch.ones(steps, others, dtype=like.dtype, device=like.device).tril()
    if mask is not None:
        mask = mask.to(like.dtype)
        mask = mask.unsqueeze(-3) if mask.dim() == 3 else mask
        seen = mask if seen is None else mask * seen
    return None if seen is None else (1 - seen) * HIDDEN


def _multi_head(layer: Any, call: BuiltinCall, features: int, rank: int) -> HeadSizes:
    heads, size = layer_number(layer, call, "num_heads", 0), layer_number(layer, call, "key_dim", 1)
    return HeadSizes(
        heads,
        heads,
        size,
        layer_number(layer, call, "value_dim", 2, size) if layer.kwargs.get("value_dim") is not None else size,
        _output(layer, call, features),
        call.evaluator.is_true(layer.kwargs.get("use_bias", True), call.node),
        _axes(layer, call, rank),
    )


def _axes(layer: Any, call: BuiltinCall, rank: int) -> tuple[int, ...]:
    """Keras's axes over which is attended: all between the batch and the features, or `attention_axes`."""
    given = call.evaluator.resolve_all(layer.kwargs.get("attention_axes"), call.node)
    axes = tuple(range(1, rank)) if given is None else tuple(given) if isinstance(given, (list, tuple)) else (given,)
    if not axes or not all(type(axis) is int and 1 <= axis < rank for axis in axes):
        raise ParseError(f"Line {layer.line}: attention_axes={axes} must be axes from 1 to {rank - 1}.")
    return axes


def _grouped(layer: Any, call: BuiltinCall, features: int, rank: int) -> HeadSizes:
    size, heads = layer_number(layer, call, "head_dim", 0), layer_number(layer, call, "num_query_heads", 1)
    shared = layer_number(layer, call, "num_key_value_heads", 2)
    if heads % shared:
        raise ParseError(f"Line {layer.line}: num_query_heads={heads} cannot be shared by {shared} heads.")
    bias = call.evaluator.is_true(layer.kwargs.get("use_bias", True), call.node)
    return HeadSizes(heads, shared, size, size, features, bias)


def _output(layer: Any, call: BuiltinCall, features: int) -> int:
    """The features of what attention gives: those of the query, unless `output_shape` names others."""
    given = call.evaluator.resolve_all(layer.kwargs.get("output_shape"), call.node)
    sizes = list(given) if isinstance(given, (list, tuple)) else [features if given is None else given]
    if len(sizes) != 1 or type(sizes[0]) is not int or not 0 < sizes[0] <= 10_000_000:
        raise ParseError(f"Line {layer.line}: output_shape of {layer.kind} is one integer from 1 here.")
    return sizes[0]


def _called(sizes_of: Callable[..., HeadSizes], most_ranks: frozenset[int] = frozenset({2})) -> Callable[..., Any]:
    def run(layer: Any, call: BuiltinCall, query: KerasTensor, *more: KerasTensor, **named: Any) -> Any:
        value = more[0] if more else named.get("value", query)
        key = more[1] if len(more) > 1 else named.get("key")
        inputs = [query, value, value if key is None else key]
        ranks = {len(one.shape) for one in inputs if isinstance(one, KerasTensor)}
        if not all(isinstance(one, KerasTensor) for one in inputs) or not ranks <= most_ranks or len(ranks) > 1:
            raise ParseError(f"Line {layer.line}: {layer.kind} takes sequences: its inputs are (steps, features).")
        widths = [one.shape[0] for one in inputs]
        if layer.made is None:
            sizes = sizes_of(layer, call, widths[0], *ranks)
            layer.made = constructed(call, Attention, (*widths, sizes), {}, 5)
        is_asked, is_causal = (
            call.evaluator.is_true(named.get(word, False), call.node)
            for word in ("return_attention_scores", "use_causal_mask")
        )
        if ranks != {2} and (is_asked or named.get("attention_mask") is not None):
            raise ParseError(f"Line {layer.line}: masks and weights of {layer.kind} are read for (steps, features).")
        return _result(layer, inputs, is_asked, is_causal, _mask(call, named.get("attention_mask")))

    return run


def _mask(call: BuiltinCall, given: Any) -> KerasTensor | None:
    """What hides steps, in Keras's order; None where nothing is known of it, such as without padding."""
    mask = call.evaluator.resolve(given, call.node)
    return channels_last(symbol(call, mask)) if mask is not None else None


def _result(
    layer: Any, inputs: list[KerasTensor], with_weights: bool, is_causal: bool, mask: KerasTensor | None
) -> Any:
    """What attention gives, and its weights on demand: (heads, T, S) in Keras's order."""
    query, value = inputs[0], inputs[1]
    sizes, first = layer.made.sizes, query.channels_first
    settings = (with_weights, is_causal, *(() if mask is None else (mask,)))
    record = Record(layer.made, (*inputs, *settings) if any(settings) else tuple(inputs), {}, layer.name or "attention")
    output = KerasTensor((sizes.output, *query.shape[1:]), record, channels_first=first)
    if not with_weights:
        return output
    return parts_of(output, (output.shape, (value.shape[1], sizes.heads, query.shape[1])))


ATTENTIONS: dict[str, Callable[..., Any]] = {
    "MultiHeadAttention": _called(_multi_head, frozenset({2, 3, 4})),
    "GroupQueryAttention": _called(_grouped),
}
