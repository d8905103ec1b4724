"""Keras's layers and networks as values of the evaluator: unbuilt until they are called on a symbol."""

from __future__ import annotations

import ast
import contextlib
import operator
from collections.abc import Sequence
from typing import Any

from torch import nn

from core.errors import MissingShapeError, ParseError
from core.parsing.dialects.keras.datasets import sizes_of
from core.parsing.dialects.keras.graph import layers_of, network
from core.parsing.dialects.keras.symbols import KerasTensor, Record, ending, parents, snake
from core.parsing.dialects.keras.texts import TEXTS
from core.parsing.dialects.keras.unbuilt import (
    DEFAULT_SIDE,
    SHAPES,
    KerasLayer,
    given_input,
    input_symbol,
    symbol_of,
)
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Builtin, Instance, Special, Unknown, type_name

LIKELY_STEPS = 1024  # of a sequence
ONE_AXIS = ("LSTM", "GRU", "SimpleRNN", "Bidirectional", "TimeDistributed")


class KerasNetwork(Special):
    """A network with inputs and outputs: functional, or a Sequential whose layers have been called."""

    def __init__(self, inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor], name: str = "", line: int = 1):
        self.inputs, self.outputs, self.name, self.line = list(inputs), list(outputs), name, line
        self.module: nn.Module | None = None

    def to_module(self, evaluator: Any) -> nn.Module:
        """The module of PyTorch."""
        if self.module is None:
            self.module = network(self.inputs, self.outputs)
        return self.module

    def invoke(self, call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        """The network as a layer of another one."""
        values = args[0] if len(args) == 1 and isinstance(args[0], (list, tuple)) else args[: len(self.inputs)]
        symbols = tuple(symbol_of(call, value) for value in values)
        module = self.to_module(call.evaluator)
        try:
            outputs = module(*(symbol.meta() for symbol in symbols))
        except RuntimeError as error:
            raise call.fail(f"the network does not take this input: {str(error).splitlines()[0][:120]}.") from None
        many = isinstance(outputs, tuple)
        record = Record(module, symbols, {}, self.name or "model")
        first = symbols[0].channels_first
        whole = KerasTensor(tuple((outputs[0] if many else outputs).shape[1:]), record, channels_first=first)
        if not many:
            return ending(whole, symbols, self)
        parts = [
            KerasTensor(tuple(one.shape[1:]), Record(operator.getitem, (whole, index)), channels_first=first)
            for index, one in enumerate(outputs)
        ]
        return ending(parts, symbols, self)

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        """`model.output`, `model.input`, `model.layers`, and what changes nothing."""
        match name:
            case "output" | "outputs":
                return self.outputs if name == "outputs" or len(self.outputs) > 1 else self.outputs[0]
            case "input" | "inputs":
                return self.inputs if name == "inputs" or len(self.inputs) > 1 else self.inputs[0]
            case "output_shape" | "input_shape":
                symbol = (self.outputs if name == "output_shape" else self.inputs)[0]
                return symbol.keras_shape()
            case "name":
                return self.name
            case "layers":
                return self._layers()
            case "get_layer":
                return Builtin("get_layer", self._get_layer)
            case "call":
                return Builtin("call", self.invoke, needs_call=True)
            case "summary" | "compile" | "load_weights" | "save" | "build" | "save_weights":
                return Builtin(name, lambda call, *args, **kwargs: None, needs_call=True)
            case "fit" | "evaluate" | "predict" | "fit_generator" | "train_on_batch" | "predict_classes":
                return Builtin(name, result_of_data, needs_call=True)
        return MISSING

    def _layers(self) -> list[Any]:
        ends = layers_of(self.outputs, self.inputs)
        return [Placed(end) for end in ends if end.layer is not None or end.record is None]

    def _get_layer(self, name: str = "", index: int | None = None) -> Any:
        layers = self._layers()
        if index is not None:
            return layers[index]
        found = next((layer for layer in layers if layer.name == name), None)
        if found is None:
            raise ParseError(f"the network has no layer called {str(name)[:40]!r}.")
        return found


def result_of_data(call: BuiltinCall, *args: Any, **kwargs: Any) -> Unknown:
    """What a network does with data changes nothing of it."""
    return Unknown(f"what {call.name} returns depends on data", getattr(call.node, "lineno", 1), is_data=True)


class Placed(Special):
    """A layer as part of a network: its output can be gone on from."""

    def __init__(self, symbol: KerasTensor, layer: Any = None, name: str = ""):
        self.symbol, self.layer = symbol, layer if layer is not None or name else symbol.layer
        named = self.layer.names.get("name") if isinstance(self.layer, Instance) else getattr(self.layer, "name", "")
        kind = snake(self.layer.kind) if isinstance(self.layer, KerasLayer) else ""
        self.name = name or str(named or kind) or (symbol.record.name if symbol.record else symbol.name)

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        """`layer.output`, `layer.name`, and what the layer itself has."""
        if name in ("output", "output_shape"):
            return self.symbol if name == "output" else self.symbol.keras_shape()
        if name in ("name", "trainable"):
            return self.name if name == "name" else True
        if name == "input" and len(before := parents(self.symbol)) < 2:
            return before[0] if before else self.symbol
        return MISSING if self.layer is None else evaluator.get_attribute(self.layer, name, node)

    def invoke(self, call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        """The same layer, with its weights, in another network; an input is passed on."""
        if self.layer is not None:
            return call.call(self.layer, *args, **kwargs)
        x, record = symbol_of(call, args[0]), self.symbol.record
        if record is None:
            return x
        if not isinstance(record.target, nn.Module) or len(record.args) != 1:
            raise call.fail(f"{self.name} takes more than the layer before it: a Sequential cannot hold it.")
        shape = tuple(record.target(x.meta()).shape[1:])
        return KerasTensor(shape, Record(record.target, (x,), {}, self.name), channels_first=x.channels_first)


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
            case "fit" | "predict" | "evaluate":
                return Builtin(name, self._fit, needs_call=True)
            case "layers":
                return self._own_layers(BuiltinCall(evaluator, node, "Sequential"))
            case "output" | "input" | "outputs" | "inputs" | "output_shape" | "get_layer":
                self.settle(BuiltinCall(evaluator, node, "Sequential"))
        return super().attribute(evaluator, name, node)

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
            self._followed(call, items, _likely_input(items))  # another mistake is said first
            raise
        self.inputs, self.outputs, self.module = [start], [self._followed(call, items, start)], None

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
            if isinstance(item, KerasNetwork):
                if isinstance(item, KerasSequential):
                    item.settle(call)
                first = item.inputs[0]
                return KerasTensor(first.shape, None, "x", first.channels_first)
            settings = item.kwargs if isinstance(item, KerasLayer) else getattr(item, "names", {})
            named = next((key for key in SHAPES if settings.get(key) is not None), None)
            if named:
                sizes = settings[named]
                place = BuiltinCall(
                    call.evaluator, ast.Constant(0, lineno=_line(item)), getattr(item, "kind", "") or type_name(item)
                )
                if "batch" in named and isinstance(sizes, (list, tuple)):
                    sizes = tuple(sizes)[1:]
                return input_symbol(place, sizes)
        if self.shape is not None:
            return input_symbol(call, self.shape)
        return given_input(call.evaluator, self.line)

    def to_module(self, evaluator: Any) -> nn.Module:
        if not self.items:
            raise ParseError("No layer was found: add one, for example Conv2D(16, 3).")
        self.settle(BuiltinCall(evaluator, ast.Constant(0, lineno=self.line), "Sequential"))
        made = super().to_module(evaluator)
        if not any(True for _ in made.children()) and not any(True for _ in made.parameters()):
            raise ParseError("No layer was found after the input: add one, for example Conv2D(16, 3).")
        return super().to_module(evaluator)

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


def _likely_input(items: Sequence[Any]) -> KerasTensor:
    """An input that the first layer takes."""
    kind = getattr(items[0], "kind", "") if items else ""
    if kind == "Embedding":
        return KerasTensor((LIKELY_STEPS,))
    if kind in ONE_AXIS or "1D" in kind:
        return KerasTensor((3, LIKELY_STEPS))
    return KerasTensor((3, *(DEFAULT_SIDE,) * (3 if "3D" in kind else 2)))


def open_shape(evaluator: Any) -> tuple[int | None, ...]:
    """The shape of an input that a function of the text takes, in Keras's order. Raises: MissingShapeError."""
    return given_input(evaluator, 1).keras_shape()[1:]


def _line(item: Any) -> int:
    """Where a layer is made, or else where its class begins."""
    return item.cls.line if isinstance(item, Instance) else getattr(item, "line", 1)
