"""Keras layers that are more than a translation of settings: recurrent ones, wrappers of other layers, attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import nn

from core.errors import ParseError
from core.parsing.dialects.keras.graph import network
from core.parsing.dialects.keras.sequence import Attention, Recurrent, TimeDistributed, TokenEmbedding
from core.parsing.dialects.keras.symbols import KerasTensor, Record, applied
from core.parsing.dialects.pytorch.layers import constructed
from core.parsing.evaluation.calls import BuiltinCall


class WrappedLayer(Protocol):
    """What a wrapper needs of the layer that it computes: its settings, and the module that it is made into."""

    kind: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    line: int
    name: str
    made: nn.Module | None


Wrapper = Callable[..., KerasTensor]


def _made(
    layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, shape: tuple[int, ...], build: Any, *args: Any
) -> KerasTensor:
    """The output of a module that is made at the first call and used again at every other."""
    if layer.made is None:
        layer.made = constructed(call, build, args, {})
    return KerasTensor(
        shape, Record(layer.made, (x,), {}, layer.name or layer.kind.lower()), channels_first=x.channels_first
    )


def _number(layer: WrappedLayer, call: BuiltinCall, name: str, position: int, default: Any = None) -> int:
    value = layer.kwargs.get(name, layer.args[position] if len(layer.args) > position else default)
    value = call.evaluator.resolve(value, call.node)
    if type(value) is not int or not 0 < value <= 10_000_000:
        raise ParseError(f"Line {layer.line}: {layer.kind}: {name}={str(value)[:40]} must be an integer from 1.")
    return value


def _sequence(layer: WrappedLayer, x: KerasTensor) -> tuple[int, int]:
    if len(x.shape) != 2:
        raise ParseError(f"Line {layer.line}: {layer.kind} takes sequences: its input is (steps, features).")
    return x.shape[0], x.shape[1]


def _recurrent(
    layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor, both_ways: bool = False
) -> KerasTensor:
    features, steps = _sequence(layer, x)
    units, every = _number(layer, call, "units", 0), bool(layer.kwargs.get("return_sequences", False))
    if layer.kwargs.get("return_state"):
        raise ParseError(f"Line {layer.line}: {layer.kind} with return_state=True is not read here.")
    width = units * (2 if both_ways else 1)
    shape = (width, steps) if every else (width,)
    return _made(layer, call, x, shape, Recurrent, layer.kind, features, units, every, both_ways)


def _inner(layer: WrappedLayer, call: BuiltinCall) -> Any:
    inner = layer.args[0] if layer.args else layer.kwargs.get("layer")
    if not hasattr(inner, "invoke"):
        raise ParseError(f"Line {layer.line}: {layer.kind} wraps a layer.")
    return inner


def _bidirectional(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    inner = _inner(layer, call)
    if getattr(inner, "kind", "") not in ("LSTM", "GRU", "SimpleRNN"):
        raise ParseError(f"Line {layer.line}: Bidirectional wraps LSTM, GRU or SimpleRNN here.")
    if layer.kwargs.get("merge_mode", "concat") != "concat":
        raise ParseError(f"Line {layer.line}: Bidirectional is read with merge_mode='concat' only.")
    return _recurrent(inner, call, x, both_ways=True)


def _time_distributed(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    if len(x.shape) < 2:
        raise ParseError(f"Line {layer.line}: TimeDistributed needs steps: its input is (steps, ...).")
    steps = x.shape[1]
    start = KerasTensor((x.shape[0], *x.shape[2:]), None, "x", x.channels_first)
    end = call.call(_inner(layer, call), start)
    if layer.made is None:
        layer.made = TimeDistributed(network([start], [end]))
    shape = (end.shape[0], steps, *end.shape[1:])
    return KerasTensor(
        shape, Record(layer.made, (x,), {}, layer.name or "time_distributed"), channels_first=x.channels_first
    )


def _embedding(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    if len(x.shape) != 1:
        raise ParseError(f"Line {layer.line}: Embedding takes sequences of indices.")
    tokens, features = _number(layer, call, "input_dim", 0), _number(layer, call, "output_dim", 1)
    return _made(layer, call, x, (features, x.shape[0]), TokenEmbedding, tokens, features)


def _attention(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    features, steps = _sequence(layer, x)
    heads, size = _number(layer, call, "num_heads", 0), _number(layer, call, "key_dim", 1)
    if layer.made is None:
        layer.made = constructed(call, Attention, (features, heads, size), {}, 5)
    inputs = (x, *more[:1])
    return KerasTensor(
        (features, steps), Record(layer.made, inputs, {}, layer.name or "attention"), channels_first=x.channels_first
    )


def _repeat(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    count = _number(layer, call, "n", 0)
    return applied(torch.Tensor.expand, applied(torch.unsqueeze, x, 2), -1, x.shape[0], count)


def _permute(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    dims = call.evaluator.resolve_all(list(layer.args[0] if layer.args else layer.kwargs["dims"]), call.node)
    rank = len(x.shape)
    if sorted(dims) != list(range(1, rank + 1)):
        raise ParseError(f"Line {layer.line}: Permute takes each axis from 1 to {rank} once.")
    order = [x.dim(axis) for axis in (dims if x.channels_first else [dims[-1], *dims[:-1]])]
    return applied(torch.Tensor.permute, x, [0, *order])


def _as_is(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    return x


WRAPPERS: dict[str, Wrapper] = {
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN"), _recurrent),
    "Bidirectional": _bidirectional,
    "TimeDistributed": _time_distributed,
    "Embedding": _embedding,
    "MultiHeadAttention": _attention,
    "RepeatVector": _repeat,
    "Permute": _permute,
    **dict.fromkeys(("Masking", "ActivityRegularization", "GaussianDropout", "SpectralNormalization"), _as_is),
}
