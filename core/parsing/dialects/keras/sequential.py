"""Keras's Sequential: layers in a list, which are called when the shape of their input is known."""

from __future__ import annotations

import ast
import contextlib
import copy
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from torch import nn

from core.errors import MissingShapeError, ParseError
from core.parsing.dialects.keras.datasets import sizes_of
from core.parsing.dialects.keras.input_symbols import DEFAULT_SIDE, given_input, input_symbol, symbol_of
from core.parsing.dialects.keras.layer_kinds.preparing import PREPARING
from core.parsing.dialects.keras.layer_kinds.texts import TEXTS
from core.parsing.dialects.keras.networks import KerasNetwork, Placed
from core.parsing.dialects.keras.of_training import result_of_data
from core.parsing.dialects.keras.symbols import KerasTensor, parents
from core.parsing.dialects.keras.unbuilt import SHAPES, KerasLayer
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Instance, Type, Unknown, type_name

LIKELY_STEPS = 1024  # of a sequence
ONE_AXIS = ("LSTM", "GRU", "SimpleRNN", "Bidirectional", "TimeDistributed")


class KerasSequential(KerasNetwork):
    """`keras.Sequential`: layers in a list, called when the shape of the input is known."""

    def __init__(self, call: BuiltinCall, layers: Any = (), name: str = ""):
        super().__init__([], [], name, getattr(call.node, "lineno", 1))
        self.items: list[Any] = []
        self.added: set[int] = set()  # of the layers in `items`
        self.ends: list[KerasTensor] = []  # what each of them gives, once their input is known
        self.shape: Any = None
        for layer in call.iterate(layers) if layers is not None else []:
            self.add(call, layer)

    def add(self, call: BuiltinCall, layer: Any) -> None:
        """`model.add(layer)`; nothing more once one before it could not be evaluated."""
        if call.evaluator.run.stopped_at is not None:
            return
        if isinstance(layer, Unknown):
            raise layer.refusal()
        if isinstance(layer, Placed) and layer.symbol.record is None:
            layer = KerasTensor(layer.symbol.shape, None, "x", layer.symbol.channels_first)
        if not isinstance(layer, (KerasLayer, KerasNetwork, KerasTensor, Placed, Instance, nn.Module)):
            raise call.evaluator.fail(call.node, f"model.{call.name} takes a layer, for example Dense(10).")
        if id(layer) in self.added:
            raise call.evaluator.fail(call.node, "the same layer is added twice, which Keras refuses: create two.")
        call.evaluator.budget.layer(call.node)
        self.items.append(layer)
        self.added.add(id(layer))
        self.outputs = []

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        match name:
            case "add":
                return Builtin("add", self.add, needs_call=True)
            case "pop":
                return Builtin("pop", self._pop)
            case "build":
                return Builtin("build", self._build, needs_call=True)
            case "fit" | "predict" | "evaluate" | "fit_generator":
                return Builtin(name, self._fit, needs_call=True)
            case "layers":
                return self._own_layers(BuiltinCall(evaluator, node, "Sequential"))
            case "output" | "input" | "outputs" | "inputs" | "output_shape" | "get_layer":
                self.settle(BuiltinCall(evaluator, node, "Sequential"))
        return super().attribute(evaluator, name, node)

    def own_type(self) -> Type:
        """`Sequential`."""
        return Type("Sequential", (KerasSequential,))

    def trained_parts(self) -> list[Any]:
        """Its layers, in whatever order they become known."""
        return [item for item in self.items if not isinstance(item, KerasTensor)]

    def _own_layers(self, call: BuiltinCall) -> list[Any]:
        """`model.layers`; they stand in a network where its input is known."""
        with contextlib.suppress(ParseError):
            self.settle(call)
        return self._layers() or [item for item in self.items if not isinstance(item, KerasTensor)]

    def _layers(self) -> list[Any]:
        """The layers with what they give; Keras has no input among those of a Sequential."""
        layers = [item for item in self.items if not isinstance(item, KerasTensor)]
        if not self.outputs or len(layers) != len(self.ends):
            return []
        return [
            layer if isinstance(layer, Placed) else Placed(end, layer)
            for layer, end in zip(layers, self.ends, strict=True)
        ]

    def only_prepares(self) -> bool:
        """Whether its layers only scale, cut or vary the images for a network; a batch norm among such scales, too."""
        layers = [item for item in self.items if not isinstance(item, KerasTensor)]
        kinds = {getattr(one, "kind", "") for one in layers if not isinstance(one, KerasSequential)}
        varies = any(kind.startswith("Random") for kind in kinds)
        return (
            bool(layers)
            and all(one.only_prepares() for one in layers if isinstance(one, KerasSequential))
            and kinds <= PREPARING.keys() | ({"BatchNormalization"} if varies else set())
        )

    def _pop(self) -> None:
        if not self.items:
            raise ParseError("there is no layer to take off.")
        self.added.discard(id(self.items.pop()))
        self.outputs = []

    def _build(self, call: BuiltinCall, input_shape: Any = None, **kwargs: Any) -> None:
        sizes = call.evaluator.resolve_all(input_shape, call.node)
        if not isinstance(sizes, (list, tuple)):
            raise call.fail("it takes a shape, for example (None, 28, 28, 1).")
        self.shape, self.outputs = tuple(sizes)[1:], []

    def _fit(self, call: BuiltinCall, x: Any = None, *args: Any, **kwargs: Any) -> Unknown:
        """`model.fit(x, y)`, which builds a network that says no input."""
        if self.shape is None and (sizes := sizes_of(x)) is not None:
            self.shape, self.outputs = sizes, []
        return result_of_data(call)

    def settle(self, call: BuiltinCall) -> None:
        """Calls the layers one after the other, from the input that the text names or that is given."""
        if self.outputs:
            return
        items = list(self.items)
        first = items[0] if items else None
        if isinstance(first, KerasNetwork) and not isinstance(first, KerasSequential) and len(first.inputs) > 1:
            self.inputs, self.outputs = first.inputs, [self._followed(call, items[1:], first.outputs[0])]
            self.ends, self.module = [first.outputs[0], *self.ends], None
            return
        try:
            start = items.pop(0) if isinstance(first, KerasTensor) else self._start(call, items)
        except MissingShapeError:
            self._try(call, items)
            raise
        self.inputs, self.outputs, self.module = [start], [self._followed(call, items, start)], None

    def settle_for(self, call: BuiltinCall, shape: Any) -> None:
        """The same for layers in a row at the beginning of others, whose input is built or fitted on that shape."""
        if self.shape is None:
            try:
                self.settle(call)
            except MissingShapeError:
                if shape is None:
                    raise
                self.shape = shape
        self.settle(call)

    def _try(self, call: BuiltinCall, items: list[Any]) -> None:
        """Another mistake in the layers is said before that there is no input; they stay as they are."""
        known = itertools.takewhile(lambda item: isinstance(item, (KerasLayer, KerasSequential)), items)
        self._followed(call, [_unbuilt(item) for item in known], _likely_input(items))
        self.ends = []

    def _followed(self, call: BuiltinCall, items: list[Any], value: Any) -> KerasTensor:
        run = call.evaluator.run
        self.ends = []
        for item in items:
            try:
                is_ours = isinstance(item, (KerasLayer, KerasNetwork))
                value = item.invoke(call, value) if is_ours else call.call(item, value)
            except ParseError:
                if not run.is_lenient or not isinstance(value, KerasTensor) or value.record is None:
                    raise
                run.stopped_at = run.stopped_at or getattr(item, "kind", "")
                break
            self.ends.append(symbol_of(call, value))
        return symbol_of(call, value)

    def _start(self, call: BuiltinCall, items: list[Any]) -> KerasTensor:
        if getattr(items[0] if items else None, "kind", "") in TEXTS:
            return KerasTensor((1,))  # one text
        for item in (one.layer if isinstance(one, Placed) and one.layer else one for one in items[:3]):
            if isinstance(item, KerasSequential) and not item.outputs and self._says_more_than(item):
                continue
            if isinstance(item, KerasNetwork):
                if isinstance(item, KerasSequential):
                    item.settle_for(call, self.shape)
                return _like(item.inputs[0])
            settings = settings_of(item) if isinstance(item, KerasLayer) else getattr(item, "names", {})
            kind = getattr(item, "kind", "") or type_name(item)
            named = stated_shape(kind, settings)
            if named is not None:
                return input_symbol(BuiltinCall(call.evaluator, ast.Constant(0, lineno=_line(item)), kind), named)
            if kind == "Embedding":  # what a layer behind it states is the shape of vectors, not that of words
                break
        if self.shape is not None:
            return input_symbol(call, self.shape)
        if (before := _called_on(items[0] if items else None)) is not None:
            return _like(before)
        return given_input(call.evaluator, self.line)

    def _says_more_than(self, first: KerasSequential) -> bool:
        """Whether a layer behind those that only prepare images states an input, which they do not."""
        stated = [stated_shape(one.kind, one.kwargs) for one in self.items if isinstance(one, KerasLayer)]
        own = [stated_shape(one.kind, one.kwargs) if isinstance(one, KerasLayer) else one for one in first.items]
        is_open = self.shape is None and first.shape is None and not any(shape is not None for shape in own)
        return first.only_prepares() and is_open and any(shape is not None for shape in stated[:1])

    def to_module(self, evaluator: Any) -> nn.Module:
        if not self.items:
            raise ParseError("No layer was found: add one, for example Conv2D(16, 3).")
        self.settle(BuiltinCall(evaluator, ast.Constant(0, lineno=self.line), "Sequential"))
        made = super().to_module(evaluator)
        if self.outputs[0] is self.inputs[0]:
            raise ParseError("No layer was found after the input: add one, for example Conv2D(16, 3).")
        return made

    def invoke(self, call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        if not self.outputs:
            symbol = symbol_of(call, args[0])
            own = next((item for item in self.items[:1] if isinstance(item, KerasTensor)), None)
            if own is None:
                self.items.insert(0, KerasTensor(symbol.shape, None, "x", symbol.channels_first))
            self.settle(call)
        if self.outputs[0] is self.inputs[0]:  # layers that prepare the data, which are left out
            return symbol_of(call, args[0])
        return super().invoke(call, *args, **kwargs)


def _like(symbol: KerasTensor) -> KerasTensor:
    """An input of the same shape."""
    return KerasTensor(symbol.shape, None, "x", symbol.channels_first)


def _called_on(item: Any) -> KerasTensor | None:
    """The input on which the text has called a layer, by itself or in a network; None if there is no single one."""
    end = item.symbol if isinstance(item, Placed) else getattr(item, "last", None)
    before = parents(end) if isinstance(end, KerasTensor) else []
    return before[0] if len(before) == 1 else None


def _unbuilt(item: Any) -> Any:
    """A copy of a layer, or of layers in a row, that has not been called."""
    if isinstance(item, KerasSequential) and not item.outputs:
        row = copy.copy(item)
        row.items, row.ends = list(map(_unbuilt, item.items)), []
        return row
    if not isinstance(item, KerasLayer):
        return item
    layer = copy.copy(item)
    layer.args = tuple(map(_unbuilt, item.args))
    layer.kwargs = {name: _unbuilt(value) for name, value in item.kwargs.items()}
    layer.built, layer.made, layer.parts, layer.last = {}, None, [], None
    return layer


def _likely_input(items: Sequence[Any]) -> KerasTensor:
    """An input that the first layer takes."""
    kind = getattr(items[0], "kind", "") if items else ""
    if kind == "Embedding":
        return KerasTensor((LIKELY_STEPS,))
    if kind in ONE_AXIS or "1D" in kind:
        return KerasTensor((3, LIKELY_STEPS))
    return KerasTensor((3, *(DEFAULT_SIDE,) * (3 if "3D" in kind else 2)))


def settings_of(layer: KerasLayer) -> Mapping[str, Any]:
    """What a layer is made with; with that what the layer is made with which goes both ways: it has the same input."""
    inner = next((one for one in (*layer.args, layer.kwargs.get("layer")) if isinstance(one, KerasLayer)), None)
    return inner.kwargs | layer.kwargs if inner is not None and layer.kind == "Bidirectional" else layer.kwargs


def stated_shape(kind: str, settings: Mapping[str, Any]) -> Any:
    """The shape of an input that a layer's settings state, without the batch; None if they state none.

    >>> stated_shape("Embedding", {"input_dim": 1000, "input_length": 20}), stated_shape("Dense", {"input_dim": 8})
    (20, 8)
    >>> stated_shape("LSTM", {"input_dim": 8, "input_length": 20})
    (20, 8)
    """
    keys = [key for key in SHAPES if settings.get(key) is not None]
    if kind == "Embedding":  # whose input_dim is the number of words
        keys = [key for key in keys if key != "input_dim"]
    elif keys == ["input_dim", "input_length"]:
        return settings["input_length"], settings["input_dim"]
    sizes = settings[keys[0]] if keys else None
    return tuple(sizes)[1:] if keys and "batch" in keys[0] and isinstance(sizes, (list, tuple)) else sizes


def _line(item: Any) -> int:
    """Where a layer is made, or else where its class begins."""
    return item.cls.line if isinstance(item, Instance) else getattr(item, "line", 1)
