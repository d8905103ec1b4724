"""Keras layers that are more than a translation of settings: recurrent ones, wrappers of other layers, attention."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import nn

from core.errors import ParseError
from core.parsing.dialects.keras.graph import network
from core.parsing.dialects.keras.positions import Positions, embedded
from core.parsing.dialects.keras.recurrent import LOOPED, bidirectional, layer_number, looped, recurrent
from core.parsing.dialects.keras.sequence import Attention, ConvLSTM, Slopes, TimeDistributed, TokenEmbedding
from core.parsing.dialects.keras.symbols import KerasTensor, Record, applied
from core.parsing.dialects.pytorch.layers import LAYERS, constructed
from core.parsing.dialects.translation import each
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


def _sequence(layer: WrappedLayer, x: KerasTensor) -> tuple[int, int]:
    if len(x.shape) != 2:
        raise ParseError(f"Line {layer.line}: {layer.kind} takes sequences: its input is (steps, features).")
    return x.shape[0], x.shape[1]


def _inner(layer: WrappedLayer, call: BuiltinCall) -> Any:
    inner = layer.args[0] if layer.args else layer.kwargs.get("layer")
    if not hasattr(inner, "invoke"):
        raise ParseError(f"Line {layer.line}: {layer.kind} wraps a layer.")
    return inner


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


def _embedding(layer: WrappedLayer, call: BuiltinCall, x: Any, *more: KerasTensor) -> KerasTensor:
    if isinstance(x, Positions):
        sizes = layer_number(layer, call, "input_dim", 0), layer_number(layer, call, "output_dim", 1)
        layer.made, vectors = embedded(call, *sizes, x)
        return vectors
    if len(x.shape) != 1:
        raise ParseError(f"Line {layer.line}: Embedding takes sequences of indices.")
    tokens, features = layer_number(layer, call, "input_dim", 0), layer_number(layer, call, "output_dim", 1)
    return _made(layer, call, x, (features, x.shape[0]), TokenEmbedding, tokens, features)


def _attention(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    features, steps = _sequence(layer, x)
    heads, size = layer_number(layer, call, "num_heads", 0), layer_number(layer, call, "key_dim", 1)
    value_size = layer_number(layer, call, "value_dim", 2, size)
    if layer.kwargs.get("output_shape") is not None:
        raise ParseError(f"Line {layer.line}: output_shape of MultiHeadAttention is not read here: leave it out.")
    bias = call.evaluator.is_true(layer.kwargs.get("use_bias", True), call.node)
    if layer.made is None:
        layer.made = constructed(call, Attention, (features, heads, size, value_size, bias), {}, 5)
    inputs = (x, *more[:1])
    return KerasTensor(
        (features, steps), Record(layer.made, inputs, {}, layer.name or "attention"), channels_first=x.channels_first
    )


def _slopes(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    """PReLU: a slope for each value of a picture, one for all places along `shared_axes`."""
    given = call.evaluator.resolve_all(layer.kwargs.get("shared_axes"), call.node)
    shared = [given] if isinstance(given, int) else list(given or [])
    rank = len(x.shape)
    if any(type(axis) is not int or not 1 <= axis <= rank for axis in shared):
        raise ParseError(f"Line {layer.line}: PReLU: shared_axes must be axes from 1 to {rank}.")
    dims = {x.dim(axis) for axis in shared}
    shape = tuple(1 if axis + 1 in dims else size for axis, size in enumerate(x.shape))
    if math.prod(shape) == x.shape[0] and shape[0] == x.shape[0]:
        if layer.made is None:
            layer.made = call.call(LAYERS["PReLU"], x.shape[0], init=0.0)
        record = Record(layer.made, (x,), {}, layer.name or "p_re_lu")
        return KerasTensor(x.shape, record, channels_first=x.channels_first)
    return _made(layer, call, x, x.shape, Slopes, shape)


def _conv_lstm(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    settings = {name: call.evaluator.resolve_all(value, call.node) for name, value in layer.kwargs.items()}
    kernel = layer.args[1] if len(layer.args) > 1 else settings.get("kernel_size")
    kernel = each(tuple(kernel) if isinstance(kernel, list) else kernel, 2, "kernel_size", 1)
    padding, every = settings.get("padding", "valid"), bool(settings.get("return_sequences"))
    if len(x.shape) != 4 or padding not in ("valid", "same") or settings.get("strides", 1) not in (1, (1, 1)):
        raise ParseError(f"Line {layer.line}: ConvLSTM2D takes (steps, height, width, channels) and strides of 1 here.")
    filters = layer_number(layer, call, "filters", 0)
    channels, steps, *sides = x.shape
    left = sides if padding == "same" else [side - size + 1 for side, size in zip(sides, kernel, strict=True)]
    if min(left) < 1:
        raise ParseError(f"Line {layer.line}: ConvLSTM2D: the kernel does not fit the input.")
    shape = (filters, *([steps] if every else []), *left)
    bias = bool(settings.get("use_bias", True))
    return _made(layer, call, x, shape, ConvLSTM, channels, filters, kernel, padding, bias, every)


def _spectral(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    """The layer inside; that its weights are divided by their norm changes no shape."""
    call.evaluator.notes.append("SpectralNormalization is left out: only the layer inside is read.")
    return call.call(_inner(layer, call), x)


def _repeat(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    count = layer_number(layer, call, "n", 0)
    return applied(torch.Tensor.expand, applied(torch.unsqueeze, x, 2), -1, x.shape[0], count)


def _permute(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    dims = call.evaluator.resolve_all(list(layer.args[0] if layer.args else layer.kwargs["dims"]), call.node)
    rank = len(x.shape)
    if sorted(dims) != list(range(1, rank + 1)):
        raise ParseError(f"Line {layer.line}: Permute takes each axis from 1 to {rank} once.")
    order = [x.dim(axis) for axis in (dims if x.channels_first else [dims[-1], *dims[:-1]])]
    return applied(torch.Tensor.permute, x, [0, *order])


def _alone(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    raise ParseError(f"Line {layer.line}: {layer.kind} is read inside of RNN(...) only.")


def _as_is(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    return x


WRAPPERS: dict[str, Wrapper] = {
    **dict.fromkeys(LOOPED, recurrent),
    "RNN": looped,
    **dict.fromkeys(("LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"), _alone),
    "Bidirectional": bidirectional,
    "TimeDistributed": _time_distributed,
    "Embedding": _embedding,
    "PReLU": _slopes,
    "MultiHeadAttention": _attention,
    "RepeatVector": _repeat,
    "ConvLSTM2D": _conv_lstm,
    "SpectralNormalization": _spectral,
    "Permute": _permute,
    **dict.fromkeys(("Masking", "ActivityRegularization", "GaussianDropout", "Identity"), _as_is),
}
