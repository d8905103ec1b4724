"""Where Keras has the channels of an image: last, unless a text says that they come first."""

from __future__ import annotations

import ast
from typing import Any

from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin

SETTERS = ("set_image_data_format", "set_image_dim_ordering")
FIRST = ("channels_first", "th")  # today's word, and Keras 1's for Theano's order


def is_channels_first(tree: ast.Module) -> bool:
    """Whether a Keras text sets channels before height and width.

    Comparing with that order sets nothing, nor does what is only done where it holds; a mean over the values of each
    step says nothing of the input.

    >>> is_channels_first(ast.parse("Conv2D(8, 3, data_format='channels_first')"))
    True
    >>> is_channels_first(ast.parse("GlobalAveragePooling1D(data_format='channels_first')"))
    False
    """
    nodes = list(all_nodes(tree))
    words = [node for node in nodes if isinstance(node, ast.Constant) and node.value in FIRST]
    if not words:
        return False
    others = [node for node in nodes if isinstance(node, (ast.Compare, ast.Raise)) or _is_mean_of_steps(node)]
    others += [one for node in nodes if isinstance(node, ast.If) and _asks_for_order(node.test) for one in node.body]
    passed_over = {part for node in others for part in all_nodes(node)}
    return any(word not in passed_over for word in words)


def _asks_for_order(test: ast.expr) -> bool:
    """`K.image_data_format() == "channels_first"`."""
    match test:
        case ast.Compare(left=ast.Call(), ops=[ast.Eq()], comparators=[ast.Constant(value=order)]):
            return order in FIRST
    return False


def _is_mean_of_steps(node: ast.AST) -> bool:
    """`GlobalAveragePooling1D(data_format="channels_first")`, over a sequence whose values come last."""
    name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
    return name.startswith("Global") and name.endswith("1D")


def sets_channels_first(tree: ast.Module) -> bool:
    """Whether a Keras text sets that order for all layers that name none.

    >>> sets_channels_first(ast.parse("K.set_image_data_format('channels_first')"))
    True
    """
    calls = [node for node in all_nodes(tree) if isinstance(node, ast.Call) and node.args]
    setters = [node for node in calls if getattr(node.func, "attr", getattr(node.func, "id", "")) in SETTERS]
    return any(isinstance(node.args[0], ast.Constant) and node.args[0].value in FIRST for node in setters)


def _data_format(call: BuiltinCall, *order: Any) -> str | None:
    if order:
        call.evaluator.channels_first = call.evaluator.layers_first = order[0] in FIRST
        return None
    return "channels_first" if call.evaluator.layers_first else "channels_last"


def _dim_ordering(call: BuiltinCall, *order: Any) -> str | None:
    said = _data_format(call, *order)
    return said and {"channels_first": "th", "channels_last": "tf"}[said]


DATA_FORMAT = {
    name: Builtin(name, _data_format, needs_call=True) for name in ("image_data_format", "set_image_data_format")
} | {name: Builtin(name, _dim_ordering, needs_call=True) for name in ("image_dim_ordering", "set_image_dim_ordering")}
