"""Keras's layers as values of the evaluator: settings alone, until they are called on a tensor of known shape."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import ParseError, PlaygroundError
from core.parsing.arguments import signature
from core.parsing.dialects.keras.argument_names import ABOUT_WEIGHTS
from core.parsing.dialects.keras.input_symbols import input_of_shape, symbol_of
from core.parsing.dialects.keras.layer_attributes import by_names, layer_attribute, stated_setting
from core.parsing.dialects.keras.layer_kinds.computed_activations import COMPUTED, computed
from core.parsing.dialects.keras.layer_kinds.merges import MERGES
from core.parsing.dialects.keras.layer_kinds.multihead import ATTENTIONS
from core.parsing.dialects.keras.layer_kinds.texts import TEXTS, vocabulary_of
from core.parsing.dialects.keras.layer_kinds.wrappers import WRAPPERS
from core.parsing.dialects.keras.layers import ACTIVATIONS, TRANSLATORS, activation_step
from core.parsing.dialects.keras.layout import laid_out
from core.parsing.dialects.keras.of_training import member_of_training
from core.parsing.dialects.keras.symbols import KerasTensor, Record, Shape, ending, in_keras_order, snake
from core.parsing.dialects.keras.tensor_functions.positions import Positions
from core.parsing.dialects.keras.trained import Trainable, freeze, weights_between
from core.parsing.dialects.pytorch.layers import LAYERS
from core.parsing.dialects.translation import MAX_SIDE, Translation
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Builtin, Function, Special, Type, Unknown
from core.parsing.plan import LayerCall

SHAPES = ("shape", "input_shape", "batch_shape", "batch_input_shape", "input_dim", "input_length")
IGNORED = (
    "name", "dtype", "trainable", "seed", "sparse", "batch_size", "fill_mode", "weights", "virtual_batch_size",
    "implementation", "unroll", "stateful", "mask_zero", "renorm", "fused",
)  # fmt: skip
OLD = {"border_mode": "padding", "output_dim": "units", "nb_filter": "filters", "subsample": "strides"}
OLD |= {
    "nb_row": "kernel_size",
    "nb_col": "kernel_size",
    "input": "inputs",
    "output": "outputs",
    "init": "kernel_initializer",
}
INPUTS = ("inputs", "sequences", "query")  # what the first argument of a layer's call is named
BESIDE = ("value", "initial_state", "states")  # and what others are
BELOW = {  # classes of Keras above others
    "RNN": ("LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"),
    "Dropout": ("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"),
    "Attention": ("AdditiveAttention",),
}


def full_name(kind: str) -> str:
    """A layer's class under the one of its names that Keras itself uses.

    >>> full_name("keras.layers.MaxPool2D"), full_name("GlobalAvgPool1D"), full_name("Convolution2D")
    ('MaxPooling2D', 'GlobalAveragePooling1D', 'Conv2D')
    """
    name = kind.rpartition(".")[2].replace("Convolution", "Conv").replace("AvgPool", "AveragePool")
    return re.sub(r"Pool(?=\dD)", "Pooling", name)


class KerasBase(Special):
    """What classes of a text inherit from: keras.Model and keras.layers.Layer."""


KEEP_MASK = (
    "Activation", "Add", "AlphaDropout", "Average", "BatchNormalization", "Concatenate", "Dense", "Dropout",
    "GaussianDropout", "GaussianNoise", "GRU", "Bidirectional", "LSTM", "LayerNormalization", "LeakyReLU",
    "MultiHeadAttention", "ReLU", "SimpleRNN", "SpatialDropout1D", "TimeDistributed",
)  # fmt: skip


class KerasLayer(Trainable):
    """A layer with its settings; its modules are made when the shape of its input is known."""

    def __init__(self, kind: str, args: Sequence[Any], kwargs: dict[str, Any], line: int):
        self.kind, self.args, self.kwargs, self.line = kind, tuple(args), kwargs, line
        self.name = str(kwargs.get("name") or "")
        self.built: dict[Shape, tuple[nn.Module | None, Translation]] = {}
        self.made: nn.Module | None = None
        self.parts: list[Any] = []  # of a layer that is several
        self.last: KerasTensor | None = None
        self.following: Any = None  # an activation that is no layer of PyTorch
        self.is_trained = kwargs.get("trainable") is not False
        self.weights: list[nn.Module | nn.Parameter] = []  # by which it has computed its outputs

    def own_type(self) -> Type:
        """Its class, under Keras's own name."""
        return Type(full_name(self.kind), (KerasLayer,))

    def is_of(self, kind: Type) -> bool:
        """Whether it is a layer of that class, under whichever of its names, or of one above it."""
        if not isinstance(self, kind.cls):
            return False
        name, own = full_name(kind.name), full_name(self.kind)
        return name in ("Layer", own) or own in BELOW.get(name, ())

    def trained_parts(self) -> list[Any]:
        """What it has made, and the layers that it wraps."""
        return [*self.weights, *self.args, *self.kwargs.values()]

    def _is_frozen(self) -> bool:
        """Whether its weights are not trained: by itself, or since it wraps a layer whose weights are not."""
        wrapped = [one for one in (*self.args, *self.kwargs.values()) if isinstance(one, KerasLayer)]
        return not self.is_trained or not all(one.is_trained for one in wrapped)

    def invoke(self, call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        """Applies it to a symbol, or to several of them."""
        named = next((kwargs[name] for name in INPUTS if name in kwargs), None)
        inputs = [value for value in (*args, named) if value is not None]
        if not inputs:
            raise call.fail(f"Line {self.line}: {self.kind} is called without an input.")
        given = (*args, *kwargs.values())
        self.last = ending(self._applied(call, inputs, kwargs), given, self)
        made = weights_between(self.last, given)
        self.weights += [one for one in made if not any(one is known for known in self.weights)]
        if self._is_frozen():
            freeze(made)
        if isinstance(self.last, KerasTensor) and self.last is not inputs[0]:
            self.last.mask = self._mask(call, next(iter(_flat(inputs))))
        return self.last

    def _mask(self, call: BuiltinCall, first: Any) -> Any:
        """Which steps of the output are no padding, where an embedding has told."""
        if self.kind == "Embedding" and isinstance(first, KerasTensor):
            is_padded = call.evaluator.is_true(self.kwargs.get("mask_zero", False), call.node)
            return in_keras_order(torch.ne, first, 0, name="not_equal") if is_padded else None
        return getattr(first, "mask", None) if self.kind in KEEP_MASK else None

    def _applied(self, call: BuiltinCall, inputs: list[Any], kwargs: dict[str, Any]) -> Any:
        if self.kind in MERGES:
            values = inputs[0] if len(inputs) == 1 and isinstance(inputs[0], (list, tuple)) else inputs
            settings = self._plain()
            if call.evaluator.is_true(kwargs.get("return_attention_scores", False), call.node):
                settings["with_weights"] = True
            return MERGES[self.kind](call, [symbol_of(call, value) for value in values], *self.args, **settings)
        if self.kind in TEXTS:
            return TEXTS[self.kind](self, call, inputs[0])
        if self.kind in ATTENTIONS:
            settings = {name: value for name, value in kwargs.items() if name not in INPUTS}
            return ATTENTIONS[self.kind](self, call, *(symbol_of(call, one) for one in inputs), **settings)
        if self.kind == "Lambda":
            function = self.args[0] if self.args else self.kwargs["function"]
            stated = isinstance(function, Unknown) and self.kwargs.get("output_shape") is not None
            given = self.kwargs.get("arguments") or {}
            return self._stated(call, function, inputs[0]) if stated else call.call(function, inputs[0], **given)
        x: Any = inputs[0] if isinstance(inputs[0], Positions) else self._laid_out(call, symbol_of(call, inputs[0]))
        if self.kind in WRAPPERS:
            more = [
                symbol_of(call, value)
                for value in _flat((*inputs[1:], *(kwargs.get(name) for name in BESIDE)))
                if isinstance(value, (KerasTensor, Unknown))
            ]
            return WRAPPERS[self.kind](self, call, x, *more)
        module, step = self.for_shape(call, x)
        result = (
            x if module is None else KerasTensor(step.shape, Record(module, (x,), {}, self.name or snake(self.kind)))
        )
        result.channels_first = x.channels_first and len(result.shape) > 1
        after = self.following
        return call.call(after, result) if isinstance(after, (KerasLayer, Function)) else computed(result, after)

    def _laid_out(self, call: BuiltinCall, x: KerasTensor) -> KerasTensor:
        """The input in the order that this layer needs."""
        data_format, axis = (
            call.evaluator.resolve_all(self.kwargs.get(name), call.node) for name in ("data_format", "axis")
        )
        return laid_out(self.kind, data_format, axis, x, call.evaluator.layers_first)

    def _stated(self, call: BuiltinCall, function: Unknown, values: Any) -> KerasTensor:
        """What a function that is not in the text gives, whose shape the layer states."""
        sizes = call.evaluator.resolve_all(self.kwargs["output_shape"], call.node)
        sizes = tuple(sizes) if isinstance(sizes, (list, tuple)) else (sizes,)
        sizes = sizes[1:] if sizes and sizes[0] is None else sizes
        if not sizes or not all(type(n) is int and n > 0 for n in sizes):
            raise function.refusal()
        call.evaluator.notes.append(
            f"{function.name} is not in the text: zeros of the stated output_shape stand for it."
        )
        return in_keras_order(_zeros, [symbol_of(call, one) for one in _flat([values])], sizes, name=function.name)

    def _by_shape(self, call: BuiltinCall, shape: Any) -> KerasTensor:
        """What it gives for an input of Keras's shape, by whose first use it is built."""
        return symbol_of(call, self.invoke(call, input_of_shape(call, shape)))

    def activated(self, call: BuiltinCall, x: KerasTensor, activation: Any) -> KerasTensor:
        """The symbol behind an activation: a name of Keras, a function of the text, or None."""
        if activation is None:
            return x
        is_own = isinstance(activation, (KerasLayer, Function))
        after = activation if is_own else KerasLayer("Activation", (activation,), {}, self.line)
        return symbol_of(call, call.call(after, x))

    def _plain(self) -> dict[str, Any]:
        return {k: v for k, v in self.kwargs.items() if k not in (*IGNORED, *SHAPES)}

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        """`layer.output`, `layer.name`, `layer.trainable`."""
        if name == "output" and self.last is not None:
            return self.last
        if name in ("name", "trainable"):
            return self.name or self.own_name or snake(self.kind) if name == "name" else self.is_trained
        if self.kind in TEXTS:
            return vocabulary_of(self, evaluator, name, node)
        if name == "build":
            return Builtin(name, lambda call, shape, **kwargs: self._by_shape(call, shape) and None, needs_call=True)
        if name == "compute_output_shape":
            return Builtin(name, lambda call, shape: self._by_shape(call, shape).keras_shape(), needs_call=True)
        if (setting := stated_setting(full_name(self.kind), self.args, self.kwargs, name)) is not MISSING:
            return setting
        if name == "get_config":
            return Builtin(name, lambda: {"name": self.name} | by_names(self.kind, self.args) | self.kwargs)
        made = nn.Identity() if self.made is None and self.built else self.made
        found = layer_attribute(self.kind, made, self.is_trained, name, node)
        return member_of_training(name, node) if found is MISSING else found

    def for_shape(self, call: BuiltinCall, x: KerasTensor) -> tuple[nn.Module | None, Translation]:
        """The modules for an input of that shape; the same ones where the layer has been called before."""
        if x.shape in self.built:
            return self.built[x.shape]
        step = self._translated(call, x)
        parts = [call.call(LAYERS[p.kind], *p.args, **p.kwargs) for p in step.parts]
        module = None if not parts else parts[0] if len(parts) == 1 else nn.Sequential(*parts)
        if self.made is not None and any(True for _ in self.made.parameters()):
            if repr(module) != repr(self.made):
                raise ParseError(f"Line {self.line}: this {self.kind} is used twice, on different shapes: create two.")
            module = self.made
        self.made = module
        self.built[x.shape] = module, step
        if step.note:
            call.evaluator.notes.append(step.note)
        if max(step.shape[1:], default=0) > MAX_SIDE:
            raise ParseError(
                f"Line {self.line}: {self.kind} makes feature maps of more than {MAX_SIDE:,} cells per side."
            )
        return module, step

    def _translated(self, call: BuiltinCall, x: KerasTensor) -> Translation:
        try:
            settings = self.settings(call, x)
            args = [_plain_value(_resolved(call, value)) for value in self.args]
            bound = signature(TRANSLATORS[self.kind]).bind(x.shape, *args, **settings)
            activation = bound.arguments.get("activation")
            if isinstance(activation, (int, float, tuple)):
                raise ParseError(
                    f"activation={activation} is no activation: Keras counts what comes in itself, so write only how "
                    f"many values come out."
                )
            if activation is not None and (not isinstance(activation, str) or activation in COMPUTED):
                self.following = activation
                bound.arguments["activation"] = activation = None
            step = TRANSLATORS[self.kind](*bound.args, **bound.kwargs)
            after = () if self.kind == "Activation" else activation_step(step.shape, activation).parts
        except TypeError as error:
            raise ParseError(f"Line {self.line}: {self.kind}: {error}.") from None
        except PlaygroundError as error:
            names_its_line = str(error).startswith("Line ")  # an argument that cannot be evaluated
            raise ParseError(str(error) if names_its_line else f"Line {self.line}: {self.kind}: {error}") from None
        return Translation(step.parts + after, step.shape, step.note)

    def settings(self, call: BuiltinCall, x: KerasTensor) -> dict[str, Any]:
        """The settings that a translator takes, as plain values."""
        settings: dict[str, Any] = {}
        for key, value in self.kwargs.items():
            if key in (*SHAPES, *IGNORED):
                continue
            if key in OLD:
                raise ParseError(f"{key} is Keras 1's name, which Keras does not know any more: write {OLD[key]}=.")
            if key.endswith(ABOUT_WEIGHTS):
                if key.endswith("_regularizer") and value is not None:
                    call.evaluator.notes.append(
                        "Regularizers are left out: in PyTorch they belong to the loss or the optimizer."
                    )
                continue
            if key == "data_format" and x.channels_first:
                continue
            value = _resolved(call, value)
            if key == "axis" and x.channels_first:
                value = -1 if value in (1, -len(x.shape)) else value
            settings[key] = _plain_value(value)
        return settings


def _zeros(values: list[Tensor], sizes: tuple[int, ...]) -> Tensor:
    return values[0].new_zeros(values[0].shape[0], *sizes)


def _flat(values: Sequence[Any]) -> list[Any]:
    return [one for value in values for one in (value if isinstance(value, (list, tuple)) else [value])]


def _resolved(call: BuiltinCall, value: Any) -> Any:
    """The value, and those in it, with usual ones for names that the text leaves open."""
    resolve = call.evaluator.resolve_all if isinstance(value, (list, tuple)) else call.evaluator.resolve
    return resolve(value, call.node)


def _plain_value(value: Any) -> Any:
    """Lists as tuples; functions such as tf.nn.relu by their name."""
    if isinstance(value, (list, tuple)):
        return tuple(map(_plain_value, value))
    if isinstance(value, Builtin) and value.name.rpartition(".")[2] in (*ACTIVATIONS, *COMPUTED):
        return value.name.rpartition(".")[2]
    if isinstance(value, LayerCall):
        return value.kind
    return value
