"""Paddle's nn.Sequential, whose layers are PyTorch's under other names: Conv2D, stop_axis, epsilon, bias_attr."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from core.errors import ParseError
from core.parsing.arguments import signature
from core.parsing.dialects.paddle_layers import PADDLE
from core.parsing.dialects.pytorch import NamedLayer, PyTorch, sequential
from core.parsing.evaluate import Evaluator
from core.parsing.layers import checked, unknown
from core.parsing.plan import LayerCall

PREFIXES = {"", "nn", "paddle.nn", "fluid.dygraph", "paddle.nn.layer"}
IGNORED = ("name", "data_format", "weight_attr", "param_attr", "bias_attr")


class Paddle(PyTorch):
    """The words of paddle.nn; what they do is what PyTorch's do."""

    name = "paddle"

    def knows(self, name: str) -> bool:
        prefix, _, kind = name.rpartition(".")
        return prefix.startswith(("nn", "paddle.nn")) or (prefix in PREFIXES and kind in (*PADDLE, "Sequential"))

    def call(self, name: str, args: tuple, kwargs: Mapping[str, Any], line: int) -> Any:
        prefix, _, kind = name.rpartition(".")
        if prefix not in PREFIXES:
            raise ParseError(f"Line {line}: {name[:60]} is not a layer; only those of paddle.nn can be used here.")
        if kind == "Sequential":
            return _sequential(args, line)
        if kind not in PADDLE:
            raise ParseError(f"Line {line}: {unknown(kind, (*PADDLE, 'Sequential'))}")
        parts = _translated(kind, args, kwargs, line)
        return parts[0] if len(parts) == 1 else LayerCall("Sequential", parts, line=line)

    def method(self, values: Evaluator, target: str, name: str, call: ast.Call) -> bool:
        """`net.add_sublayer("conv", nn.Conv2D(...))` and `layers.append(...)`."""
        model = values.names[target]
        if isinstance(model, LayerCall) and name == "add_sublayer":
            raise ParseError(
                f"Line {call.lineno}: add_sublayer cannot be parsed: write the layer inside nn.Sequential(...)."
            )
        return super().method(values, target, name, call)


def _sequential(args: tuple, line: int) -> LayerCall:
    """Layers, a list of them, or pairs ("conv", layer)."""
    items = args[0] if len(args) == 1 and isinstance(args[0], tuple) and not _is_pair(args[0]) else args
    if items and all(_is_pair(item) for item in items):
        return sequential(tuple(NamedLayer(item) for item in items), line)
    return checked("Sequential", items, {}, line)


def _is_pair(value: Any) -> bool:
    if not isinstance(value, tuple) or len(value) != 2:
        return False
    return isinstance(value[0], str) and isinstance(value[1], LayerCall)


def _translated(kind: str, args: tuple, kwargs: Mapping[str, Any], line: int) -> tuple[LayerCall, ...]:
    settings = {k: v for k, v in kwargs.items() if k not in IGNORED}
    for attribute, name in (("weight_attr", "weight"), ("param_attr", "weight"), ("bias_attr", "bias")):
        if kwargs.get(attribute) is False:
            settings[name] = False
    try:
        signature(PADDLE[kind]).bind(*args, **settings)
        parts = PADDLE[kind](*args, **settings)
    except TypeError as error:
        raise ParseError(f"Line {line}: {kind}: {error}.") from None
    except ParseError as error:
        raise ParseError(f"Line {line}: {kind}: {error}") from None
    return tuple(checked(layer.kind, layer.args, layer.kwargs, line) for layer in parts)
