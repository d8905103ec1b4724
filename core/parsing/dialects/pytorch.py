"""PyTorch as people write it: with or without `nn.`, lists, OrderedDict."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.errors import ParseError
from core.parsing.evaluate import Evaluator
from core.parsing.layers import CONTAINERS, LEAVES, checked
from core.parsing.plan import LayerCall

Shape = tuple[int, ...]
PREFIXES = {"", "nn", "torch.nn", "nn.modules", "torch.nn.modules", "blocks", "core.layers.blocks"}


class PyTorch:
    """The words of torch.nn, and our Residual and Parallel."""

    name = "pytorch"

    def knows(self, name: str) -> bool:
        prefix, _, kind = name.rpartition(".")
        if kind.endswith("Loss") or prefix.startswith(("nn.init", "nn.utils", "torch.nn.init", "torch.nn.utils")):
            return False  # part of the training that comes after the network
        return prefix.startswith(("nn", "torch.nn")) or (prefix in PREFIXES and kind in (*LEAVES, *CONTAINERS))

    def call(self, name: str, args: tuple, kwargs: Mapping[str, Any], line: int) -> Any:
        prefix, _, kind = name.rpartition(".")
        if name in ("OrderedDict", "collections.OrderedDict") and len(args) == 1 and not kwargs:
            return _ordered(args[0], line)
        if name in ("list", "tuple") and len(args) == 1 and isinstance(args[0], tuple) and not kwargs:
            return args[0]
        if name == "float" and args in (("inf",), ("-inf",)):
            return float(args[0])
        if prefix not in PREFIXES:
            raise ParseError(
                f"Line {line}: {name[:60]} is not a layer; only those of torch.nn can be used here, for "
                "example nn.Conv2d."
            )
        if kind == "Sequential" and not kwargs and len(args) == 1 and isinstance(args[0], tuple):
            return sequential(args[0], line)
        return checked(kind, args, kwargs, line)

    def attribute(self, name: str) -> Any:
        return None

    def apply(self, layer: Any, args: tuple, line: int) -> Any:
        if isinstance(layer, LayerCall) and not args:
            return layer  # a function that built it, read above
        raise ParseError(
            f"Line {line} calls a layer on a value, which would execute it: write the layers in a Sequential."
        )

    def method(self, values: Evaluator, target: str, name: str, call: ast.Call) -> bool:
        """`layers.append(nn.ReLU())` on a list that was defined above."""
        value = values.names[target]
        if name in ("append", "extend") and isinstance(value, tuple) and not call.keywords:
            added = values.evaluate_all(call.args, call)
            values.names[target] = value + (added[0] if name == "extend" and _is_list(added) else added)
            return True
        if isinstance(value, LayerCall) and name in ("append", "add_module", "insert", "extend"):
            raise ParseError(
                f"Line {call.lineno}: {target[:40]}.{name} cannot be parsed: write the layer inside nn.Sequential(...)."
            )
        return False

    def translate(
        self, layers: tuple[LayerCall, ...], input_shape: Shape | None
    ) -> tuple[LayerCall, Shape | None, tuple[str, ...]]:
        """(plan, input shape, notes): the text is PyTorch already."""
        if len(layers) == 1 and layers[0].kind == "Sequential":
            return layers[0], None, ()
        return LayerCall("Sequential", layers, line=layers[0].line), None, ()


class NamedLayer(tuple):
    """A (name, layer) pair of an OrderedDict."""


def _is_list(added: tuple) -> bool:
    return len(added) == 1 and isinstance(added[0], tuple)


def sequential(items: tuple, line: int) -> LayerCall:
    """A Sequential of a list, or of (name, layer) pairs where an OrderedDict was given."""
    if not items or not all(isinstance(item, NamedLayer) for item in items):
        return checked("Sequential", items, {}, line)
    names, layers = zip(*items, strict=True)
    if names == tuple(map(str, range(len(names)))):
        return checked("Sequential", layers, {}, line)
    return replace(checked("Sequential", layers, {}, line), names=names)


def _ordered(items: Any, line: int) -> tuple[NamedLayer, ...]:
    pairs = items if isinstance(items, tuple) else ()
    good = all(
        isinstance(p, tuple) and len(p) == 2 and isinstance(p[0], str) and isinstance(p[1], LayerCall) for p in pairs
    )
    if not pairs or not good:
        raise ParseError(f'Line {line}: OrderedDict takes a list of pairs here: [("conv", nn.Conv2d(3, 8, 3)), ...].')
    if len({name for name, _ in pairs}) < len(pairs):
        raise ParseError(f"Line {line}: two layers of this OrderedDict have the same name; give each its own.")
    return tuple(NamedLayer(pair) for pair in pairs)
