"""Keras's layers and networks as values of the evaluator: unbuilt until they are called on a symbol."""

from __future__ import annotations

import ast
import operator
from collections.abc import Sequence
from typing import Any

from torch import nn

from core.errors import ParseError
from core.parsing.dialects.keras.graph import layers_of, network
from core.parsing.dialects.keras.input_symbols import given_input, input_of_shape, symbol_of
from core.parsing.dialects.keras.layout import with_channels
from core.parsing.dialects.keras.numbered_names import in_keras_3
from core.parsing.dialects.keras.of_training import member_of_training
from core.parsing.dialects.keras.rows import refuse_rows
from core.parsing.dialects.keras.symbols import KerasTensor, Record, ending, parents, snake
from core.parsing.dialects.keras.trained import Trainable
from core.parsing.dialects.keras.unbuilt import KerasLayer
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Builtin, Function, Instance, Special, Type


class KerasNetwork(Trainable):
    """A network with inputs and outputs: functional, or a Sequential whose layers have been called."""

    def __init__(self, inputs: Sequence[KerasTensor], outputs: Sequence[KerasTensor], name: str = "", line: int = 1):
        self.inputs, self.outputs, self.name, self.line = list(inputs), list(outputs), name, line
        self.module: nn.Module | None = None
        self.kept: dict[str, Any] = {}  # what the text keeps on it, such as a number for its own use

    def keep(self, name: str, value: Any) -> bool:
        """Whether `model.rescale = "tf"` is a mere note, which changes nothing of the network."""
        if super().keep(name, value):
            return True
        if name == "call":  # `model.call = tf.function(model.call)`
            return isinstance(value, Builtin) and value.run == self.invoke
        if value is not None and not isinstance(value, (str, int, float, bool, Function)):
            return False
        self.kept[name] = value
        return True

    def own_type(self) -> Type:
        """`Functional`, as Keras calls its class."""
        return Type("Functional", (KerasNetwork,))

    def is_of(self, kind: Type) -> bool:
        """A network is a layer, too."""
        return isinstance(self, kind.cls) or kind.name.rpartition(".")[2] == "Layer"

    def trained_parts(self) -> list[Any]:
        """Its layers."""
        return self._layers()

    def whole_module(self, evaluator: Any) -> nn.Module:
        """The module of PyTorch of a whole network, whose own `trainable` counts for all of it."""
        made = self.to_module(evaluator)
        return made if self.is_trained else made.requires_grad_(False)

    def to_module(self, evaluator: Any) -> nn.Module:
        """The module of PyTorch, each weight of which is trained or not as was said of it last."""
        if not self.inputs:
            raise ParseError(
                f"Line {self.line}: the network's output is computed from no input that the text makes: write the line "
                "that makes it, for example x = keras.Input((28, 28, 1))."
            )
        refuse_rows(self.outputs, self.line)
        if self.module is None:
            self.module = network(self.inputs, self.outputs)
        return self.module

    def invoke(self, call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        """The network as a layer of another one."""
        values = args[0] if len(args) == 1 and isinstance(args[0], (list, tuple)) else args[: len(self.inputs)]
        symbols = tuple(symbol_of(call, value) for value in values)
        if len(symbols) == len(self.inputs):
            symbols = tuple(with_channels(x, own.channels_first) for x, own in zip(symbols, self.inputs, strict=True))
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
            case "name" | "trainable":
                return self.name or self.own_name if name == "name" else self.is_trained
            case "layers":
                return self._layers()
            case "get_layer":
                return Builtin("get_layer", self._get_layer)
            case "call":
                return Builtin("call", self.invoke, needs_call=True)
            case "compute_output_shape":
                return Builtin(name, self._shape_for, needs_call=True)
        return self.kept[name] if name in self.kept else member_of_training(name, node)

    def _shape_for(self, call: BuiltinCall, input_shape: Any) -> Any:
        """Keras's shape of the output for an input of a shape."""
        result = self.invoke(call, input_of_shape(call, input_shape))
        return [one.keras_shape() for one in result] if isinstance(result, list) else result.keras_shape()

    def _layers(self) -> list[Any]:
        ends = layers_of(self.outputs, self.inputs)
        return [Placed(end) for end in ends if end.layer is not None or end.record is None]

    def _get_layer(self, name: str = "", index: int | None = None) -> Any:
        layers = self._layers()
        if index is not None:
            return layers[index]
        names = (name, in_keras_3(str(name)))
        found = next((layer for layer in layers if layer.name in names), None)
        if found is None:
            raise ParseError(f"the network has no layer called {str(name)[:40]!r}.")
        return found


def _name_of(layer: Any) -> str:
    """The name that the text gives a layer, or else Keras."""
    if isinstance(layer, Instance):
        return str(layer.names.get("name") or snake(layer.cls.name))
    own = getattr(layer, "own_name", "") or (snake(layer.kind) if isinstance(layer, KerasLayer) else "")
    return str(getattr(layer, "name", "") or own)


class Placed(Trainable):
    """A layer as part of a network: its output can be gone on from."""

    def __init__(self, symbol: KerasTensor, layer: Any = None, name: str = ""):
        self.symbol, self.layer = symbol, layer if layer is not None or name else symbol.layer
        self.name = name or _name_of(self.layer) or (symbol.record.name if symbol.record else symbol.own_name)

    def keep(self, name: str, value: Any) -> bool:
        """What is set on a layer in a network is set on the layer itself."""
        if isinstance(self.layer, Special) and name != "trainable":
            return self.layer.keep(name, value)
        return super().keep(name, value)

    def own_type(self) -> Type:
        """The class of the layer; of an input, InputLayer."""
        return self.layer.own_type() if isinstance(self.layer, Special) else Type("InputLayer", (KerasTensor,))

    def is_of(self, kind: Type) -> bool:
        """Whether the layer is of that class: an input is an InputLayer."""
        if isinstance(self.layer, Special):
            return self.layer.is_of(kind)
        name = kind.name.rpartition(".")[2]
        if isinstance(self.layer, Instance):
            above = [base for one in self.layer.cls.lineage() for base in one.bases if isinstance(base, Type)]
            return any(issubclass(base.cls[0], kind.cls) for base in above)
        return name == "Layer" or (name == "InputLayer" and self.symbol.record is None)

    def trained_parts(self) -> list[Any]:
        """The layer, or else the module that stands for it."""
        record = self.symbol.record
        return [self.layer] if self.layer is not None else [record.target] if record is not None else []

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        """`layer.output`, `layer.name`, and what the layer itself has."""
        if name in ("output", "output_shape"):
            return self.symbol if name == "output" else self.symbol.keras_shape()
        if name in ("name", "trainable"):
            return self.name if name == "name" else getattr(self.layer, "is_trained", True)
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


def open_shape(evaluator: Any) -> tuple[int | None, ...]:
    """The shape of an input that a function of the text takes, in Keras's order. Raises: MissingShapeError."""
    return given_input(evaluator, 1).keras_shape()[1:]
