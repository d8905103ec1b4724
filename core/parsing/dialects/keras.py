"""Keras as tutorials write it: Sequential of a list, `model.add`, or a functional chain. Read, never run.

Keras layers do not say how many channels they get, so the shape is carried along from the input.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.errors import ParseError, PlaygroundError
from core.parsing.arguments import signature
from core.parsing.dialects.keras_layers import ACTIVATIONS, KERAS, activation_step
from core.parsing.dialects.translation import MAX_SIDE, Shape, Translation
from core.parsing.evaluate import Evaluator
from core.parsing.layers import checked, unknown
from core.parsing.plan import LayerCall, count_layers

SHAPES = ("shape", "input_shape", "batch_shape", "batch_input_shape", "input_dim")
IGNORED = ("name", "dtype", "trainable", "seed", "sparse", "batch_size", "fill_mode", "weights", "virtual_batch_size")
ABOUT_WEIGHTS = ("_initializer", "_regularizer", "_constraint")
NO_LAYERS = {"optimizers", "losses", "metrics", "callbacks", "datasets", "utils", "preprocessing", "data", "random"}
NO_LAYERS |= {"regularizers", "initializers", "constraints", "keras_initializers"}
MERGES = {"add", "Add", "concatenate", "Concatenate", "multiply", "Multiply", "average", "Average", "subtract"}
DEFAULT_SIDE = 224


@dataclass(frozen=True)
class Opaque:
    """Something that a layer may be given and that does not change its shape, such as a regularizer."""

    name: str


class Keras:
    """The words of keras.layers."""

    name = "keras"

    def knows(self, name: str) -> bool:
        return name.rpartition(".")[2] in (*KERAS, *MERGES, "Sequential", "Model", "Input", "InputLayer")

    def call(self, name: str, args: tuple, kwargs: Mapping[str, Any], line: int) -> Any:
        head, _, kind = name.rpartition(".")
        if kind in MERGES:
            raise ParseError(
                f"Line {line}: {kind} merges branches, which cannot be parsed from Keras: write the network in PyTorch "
                "with Residual(...) for an addition or Parallel(...) for a concatenation."
            )
        if kind == "Sequential":
            return _sequential(args[0] if args else kwargs.get("layers", ()), line)
        if kind == "Model":
            return _model(args, kwargs, line)
        if kind in ("Input", "InputLayer"):
            return LayerCall("Input", args, dict(kwargs), line)
        if kind in KERAS:
            return LayerCall(kind, args, dict(kwargs), line)
        if NO_LAYERS & {*head.split("."), kind}:
            return Opaque(name)
        raise ParseError(f"Line {line}: {unknown(kind, tuple(KERAS))} Keras networks are read layer by layer.")

    def attribute(self, name: str) -> Any:
        """`tf.nn.relu` and `keras.activations.relu`, given without a call."""
        head, _, kind = name.rpartition(".")
        return kind if kind in ACTIVATIONS and head.endswith(("nn", "activations")) else None

    def apply(self, layer: Any, args: tuple, line: int) -> Any:
        """`Dense(10)(x)`: the chain so far, and one more."""
        if isinstance(layer, LayerCall) and not args:
            return layer  # a function that built it, read above
        if not isinstance(layer, LayerCall) or len(args) != 1 or not isinstance(args[0], LayerCall):
            raise ParseError(f"Line {line}: a layer can only be called on the one before it here.")
        before = args[0].args if args[0].kind == "Chain" else args
        return LayerCall("Chain", (*before, layer), line=line)

    def method(self, values: Evaluator, target: str, name: str, call: ast.Call) -> bool:
        """`model.add(layer)`, and the shape out of `model.build(...)`."""
        model = values.names[target]
        if not isinstance(model, LayerCall) or name not in ("add", "build"):
            return False
        settings = {keyword.arg: values.evaluate(keyword.value) for keyword in call.keywords}
        arguments = (*values.evaluate_all(call.args, call), *settings.values())
        if len(arguments) != 1:
            raise ParseError(f"Line {call.lineno}: {target[:40]}.{name} takes one argument.")
        if name == "build":
            first = LayerCall("Input", (), {"batch_shape": arguments[0]}, call.lineno)
            values.names[target] = replace(model, args=(first, *model.args))
        elif not isinstance(arguments[0], LayerCall):
            raise ParseError(f"Line {call.lineno}: {target[:40]}.add takes a layer, for example Dense(10).")
        else:
            values.names[target] = replace(model, args=(*model.args, arguments[0]))
        return True

    def translate(
        self, layers: tuple[LayerCall, ...], input_shape: Shape | None
    ) -> tuple[LayerCall, Shape | None, tuple[str, ...]]:
        """(plan, input shape (C, H, W), notes) of the Keras layers, in PyTorch."""
        root = LayerCall("Sequential", layers, line=layers[0].line)
        count_layers(root)
        records = list(_in_a_row(root))
        shape, notes = _input_shape(records, input_shape)
        walk = _ShapeWalk(shape, notes)
        plan = [layer for record in records for layer in walk.step(record)]
        if not plan:
            raise ParseError("No layer was found after the input: add one, for example Conv2D(16, 3).")
        return LayerCall("Sequential", tuple(plan), line=root.line), shape, tuple(dict.fromkeys(walk.notes))


class _ShapeWalk:
    """Goes from layer to layer with the shape in hand."""

    def __init__(self, shape: Shape, notes: list[str]):
        self.shape, self.notes = shape, notes
        self.seen: dict[LayerCall, tuple[Shape, Translation]] = {}

    def step(self, record: LayerCall) -> tuple[LayerCall, ...]:
        if record.kind == "Input":
            return ()
        if record not in self.seen:
            self.seen[record] = (self.shape, self._translated(record, self.shape))
        before, step = self.seen[record]
        if before != self.shape:
            raise ParseError(f"Line {record.line}: this {record.kind} is used twice, on different shapes: create two.")
        if max(step.shape[1:], default=0) > MAX_SIDE:
            raise ParseError(
                f"Line {record.line}: {record.kind} makes feature maps of more than {MAX_SIDE:,} cells per side."
            )
        self.shape = step.shape
        self.notes += [step.note] if step.note else []
        return step.parts

    def _translated(self, record: LayerCall, shape: Shape) -> Translation:
        try:
            bound = signature(KERAS[record.kind]).bind(shape, *record.args, **self._settings(record))
            activation = bound.arguments.get("activation")
            if isinstance(activation, LayerCall):  # a layer of its own: Dense(10, activation=LeakyReLU(0.1))
                bound.arguments["activation"] = None
            step = KERAS[record.kind](*bound.args, **bound.kwargs)
            after = self._after(activation, step.shape, record)
        except TypeError as error:
            raise ParseError(f"Line {record.line}: {record.kind}: {error}.") from None
        except PlaygroundError as error:
            raise ParseError(f"Line {record.line}: {record.kind}: {error}") from None
        parts = tuple(checked(layer.kind, layer.args, layer.kwargs, record.line) for layer in step.parts)
        return replace(step, parts=parts + after)

    def _after(self, activation: Any, shape: Shape, record: LayerCall) -> tuple[LayerCall, ...]:
        if isinstance(activation, LayerCall):
            return self._translated(activation, shape).parts
        return () if record.kind == "Activation" else activation_step(shape, activation).parts

    def _settings(self, record: LayerCall) -> dict[str, Any]:
        settings = {k: v for k, v in record.kwargs.items() if k not in (*SHAPES, *IGNORED)}
        dropped = [k for k in settings if k.endswith(ABOUT_WEIGHTS)]
        if any(k.endswith("_regularizer") and settings[k] is not None for k in dropped):
            self.notes.append("Regularizers are left out: in PyTorch they belong to the loss or the optimizer.")
        return {k: v for k, v in settings.items() if k not in dropped}


def _sequential(items: Any, line: int) -> LayerCall:
    layers = items if isinstance(items, tuple) else (items,)
    for item in layers:
        if not isinstance(item, LayerCall):
            raise ParseError(f"Line {line}: Sequential takes a list of layers, but got {str(item)[:60]}.")
    return LayerCall("Sequential", layers, line=line)


def _model(args: tuple, kwargs: Mapping[str, Any], line: int) -> LayerCall:
    outputs = kwargs.get("outputs", args[1] if len(args) > 1 else None)
    if isinstance(outputs, tuple) and len(outputs) == 1:
        outputs = outputs[0]
    if not isinstance(outputs, LayerCall):
        raise ParseError(f"Line {line}: Model needs its inputs and its one output.")
    return outputs


def _in_a_row(layer: LayerCall) -> Iterator[LayerCall]:
    """The layers of nested Sequentials and chains, one after the other."""
    pending = [layer]
    while pending:
        current = pending.pop()
        if current.kind in ("Sequential", "Chain"):
            pending.extend(reversed(current.args))
        else:
            yield current


def _input_shape(records: list[LayerCall], fallback: Shape | None) -> tuple[Shape, list[str]]:
    """The first shape that the text names, in PyTorch's order; else `fallback`, else an assumed one."""
    for record in records[:3]:
        named = next((key for key in SHAPES if key in record.kwargs), None)
        value = record.kwargs[named] if named else record.args[0] if record.kind == "Input" and record.args else None
        if value is not None:
            return _channels_first(value, bool(named and "batch" in named), record.line, fallback)
    if fallback:
        return fallback, []
    shape = (3, DEFAULT_SIDE, DEFAULT_SIDE)
    return shape, [
        f"The code states no input shape; 3x{DEFAULT_SIDE}x{DEFAULT_SIDE} is assumed. State it with input_shape=."
    ]


def _channels_first(value: Any, with_batch: bool, line: int, fallback: Shape | None) -> tuple[Shape, list[str]]:
    sizes = value if isinstance(value, tuple) else (value,)
    sizes = sizes[1:] if with_batch else sizes
    free = [n for n in sizes[:-1] if n is None]
    filled = tuple(DEFAULT_SIDE if n is None else n for n in sizes)
    legal = 1 <= len(sizes) <= 4 and sizes[-1] is not None
    if (
        not legal
        or not all(type(n) is int and 1 <= n <= MAX_SIDE**2 for n in filled)
        or max(filled[:-1], default=1) > MAX_SIDE
    ):
        raise ParseError(f"Line {line}: the input shape must be (height, width, channels), for example (150, 150, 3).")
    shape = (filled[-1], *filled[:-1])
    if not free:
        return shape, []
    if fallback and len(fallback) == len(shape) and fallback[0] == shape[0]:
        return fallback, []
    return shape, [f"The code leaves the image size open; {DEFAULT_SIDE} per side is assumed."]
