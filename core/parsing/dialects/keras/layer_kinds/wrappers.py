"""Keras layers that are more than a translation of settings: recurrent ones, wrappers of other layers, attention."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import nn

from core.errors import ParseError, PlaygroundError
from core.parsing.dialects.keras.graph import network
from core.parsing.dialects.keras.layer_kinds.einsum_dense import einsum_dense
from core.parsing.dialects.keras.layer_kinds.local import locally_connected
from core.parsing.dialects.keras.layer_kinds.recurrent import (
    LOOPED,
    bidirectional,
    layer_number,
    looped,
    note_activations,
    one_step,
    recurrent,
)
from core.parsing.dialects.keras.layer_kinds.sequence import ConvLSTM, Slopes, TimeDistributed, TokenEmbedding
from core.parsing.dialects.keras.layer_kinds.windows import convolution
from core.parsing.dialects.keras.layout import with_channels
from core.parsing.dialects.keras.symbols import KerasTensor, Record, applied, parts_of, to_last
from core.parsing.dialects.keras.tensor_functions.positions import Positions, embedded
from core.parsing.dialects.pytorch.layers import LAYERS, constructed
from core.parsing.dialects.translation import each
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Unknown


class WrappedLayer(Protocol):
    """What a wrapper needs of the layer that it computes: its settings, and the module that it is made into."""

    kind: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    line: int
    name: str
    made: nn.Module | None


Wrapper = Callable[..., Any]


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
    if isinstance(inner, Unknown):
        raise inner.refusal()
    if not hasattr(inner, "invoke"):
        raise ParseError(f"Line {layer.line}: {layer.kind} wraps a layer.")
    return inner


def _time_distributed(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    if len(x.shape) < 2:
        raise ParseError(f"Line {layer.line}: TimeDistributed needs steps: its input is (steps, ...).")
    steps = x.shape[1]
    start = KerasTensor((x.shape[0], *x.shape[2:]), None, "x", x.channels_first)
    end = with_channels(call.call(_inner(layer, call), start), x.channels_first)
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
    tokens, features = layer_number(layer, call, "input_dim", 0), layer_number(layer, call, "output_dim", 1)
    sides = to_last(x.shape)
    return _made(layer, call, x, (features, *sides), TokenEmbedding, tokens, features)


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


def _conv_lstm(axes: int) -> Wrapper:
    """ConvLSTM1D to 3D: the images of a sequence go through a convolution like any other."""

    def run(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> Any:
        given = {name: _plain(call.evaluator.resolve_all(value, call.node)) for name, value in layer.kwargs.items()}
        filters, kernel = (
            layer_number(layer, call, "filters", 0),
            _plain(layer.args[1:2] or (given.get("kernel_size"),))[0],
        )
        is_first = x.channels_first
        x = applied(torch.transpose, x, 1, 2) if is_first and len(x.shape) > 1 else x
        if len(x.shape) != axes + 2 or more:
            sides = ("length", "height, width", "depth, height, width")[axes - 1]
            raise ParseError(f"Line {layer.line}: {layer.kind} takes one input, (steps, {sides}, channels), here.")
        sliding = dict(zip(("strides", "padding"), map(_plain, layer.args[2:4]), strict=False))
        sliding |= {name: given[name] for name in ("strides", "padding", "dilation_rate", "use_bias") if name in given}
        try:
            step = convolution(axes)((x.shape[0], *x.shape[2:]), 4 * filters, kernel, **sliding)
        except PlaygroundError as error:
            raise ParseError(f"Line {layer.line}: {layer.kind}: {error}") from None
        every, with_states = bool(given.get("return_sequences")), bool(given.get("return_state"))
        if layer.made is None:
            parts = [call.call(LAYERS[one.kind], *one.args, **one.kwargs) for one in step.parts]
            enter = parts[0] if len(parts) == 1 else nn.Sequential(*parts)
            settings = (
                enter,
                filters,
                each(kernel, axes, "kernel_size"),
                every,
                with_states,
                bool(given.get("go_backwards")),
            )
            note_activations(layer, call)
            layer.made = constructed(call, ConvLSTM, settings, {})
        last = (filters, *step.shape[1:])
        output = _made(layer, call, x, (filters, x.shape[1], *last[1:]) if every else last, ConvLSTM)
        results = parts_of(output, [output.shape, last, last]) if with_states else [output]
        if is_first and every:
            results[0] = applied(torch.transpose, results[0], 1, 2)
        return results if with_states else results[0]

    return run


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _unit_norm(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    """Each vector along an axis at a length of one."""
    given = layer.kwargs.get("axis", layer.args[0] if layer.args else -1)
    axis = call.evaluator.resolve_all(given, call.node)
    dims = [x.dim(one) for one in (axis if isinstance(axis, (list, tuple)) else (axis,))]
    return applied(F.normalize, x, dim=dims, name="unit_normalization")


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
    order = [x.dim(axis) for axis in [dims[-1], *dims[:-1]]]
    return applied(torch.Tensor.permute, x, [0, *order])


def _alone(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    raise ParseError(f"Line {layer.line}: {layer.kind} is read inside of RNN(...) only.")


def _as_is(layer: WrappedLayer, call: BuiltinCall, x: KerasTensor, *more: KerasTensor) -> KerasTensor:
    return x


WRAPPERS: dict[str, Wrapper] = {
    **dict.fromkeys(LOOPED, recurrent),
    "RNN": looped,
    **dict.fromkeys(("LSTMCell", "GRUCell", "SimpleRNNCell"), one_step),
    "StackedRNNCells": _alone,
    "Bidirectional": bidirectional,
    "TimeDistributed": _time_distributed,
    "EinsumDense": einsum_dense,
    "Embedding": _embedding,
    "PReLU": _slopes,
    "RepeatVector": _repeat,
    **{f"ConvLSTM{axes}D": _conv_lstm(axes) for axes in (1, 2, 3)},
    "UnitNormalization": _unit_norm,
    **{f"LocallyConnected{axes}D": locally_connected(axes) for axes in (1, 2)},
    "SpectralNormalization": _spectral,
    "Permute": _permute,
    **dict.fromkeys(("Masking", "ActivityRegularization", "GaussianDropout"), _as_is),
}
