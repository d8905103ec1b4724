"""Classes of a text that inherit from a layer of Keras such as Dense: what they leave as it is, that layer does."""

from __future__ import annotations

import ast
from typing import Any

from core.parsing.dialects.keras.builders import layer_builder
from core.parsing.dialects.keras.subclasses import LAYER, OF_BASE
from core.parsing.dialects.keras.symbols import KerasTensor
from core.parsing.dialects.keras.unbuilt import KerasBase, KerasLayer
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.text_classes.class_attributes import ANY_OTHER
from core.parsing.evaluation.values import MISSING, Builtin, Instance, Type, Unknown

INPUTS = (KerasTensor, Unknown, list, tuple, dict)  # what a layer is called on, unlike `training`


def layer_type(kind: str) -> Type:
    """A layer of Keras as a class, which a text may call or inherit from."""
    build = layer_builder(kind)

    def begin(call: BuiltinCall, value: Instance, *args: Any, **kwargs: Any) -> None:
        value.names.update({name: one for name, one in kwargs.items() if name in ("name", "trainable")})
        value.names[OF_BASE] = build(call, *args, **kwargs)

    def from_config(call: BuiltinCall, config: Any) -> KerasLayer:
        return build(call, **call.evaluator.resolve(config, call.node))

    members = {
        **LAYER.members,
        "__init__": Builtin("super().__init__", begin, needs_call=True),
        "call": Builtin("call", _call, needs_call=True),
        "from_config": Builtin("from_config", from_config, needs_call=True),
        ANY_OTHER: Builtin("of base", _of_base),
    }
    return Type(kind, (KerasLayer,), build, members=members)


def _call(call: BuiltinCall, value: Instance, *args: Any, **kwargs: Any) -> Any:
    """`super().call(x, training=False)`."""
    layer = value.names.get(OF_BASE)
    if not isinstance(layer, KerasLayer):
        raise call.fail("its class never calls super().__init__(): write that first in its __init__.")
    return layer.invoke(call, *(one for one in args if isinstance(one, INPUTS)), **kwargs)


def _of_base(evaluator: Any, value: Instance, name: str, node: ast.AST | None) -> Any:
    """`self.units`: what the layer has that the class inherits from."""
    layer = value.names.get(OF_BASE)
    return layer.attribute(evaluator, name, node) if isinstance(layer, KerasLayer) else MISSING


def _wraps(call: BuiltinCall, value: Instance, layer: Any = None, *args: Any, **kwargs: Any) -> None:
    """`super().__init__(layer)` of a class that inherits from Wrapper."""
    value.names.update({name: one for name, one in kwargs.items() if name in ("name", "trainable")})
    value.names["layer"] = layer


WRAPPER = Type(
    "Wrapper",
    (KerasBase, KerasLayer),
    None,
    members={**LAYER.members, "__init__": Builtin("super().__init__", _wraps, needs_call=True)},
)
