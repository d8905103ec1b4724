"""TensorFlow's first interface: layers that are functions, placeholders, and windows over weights of the text's own."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core.parsing.dialects.keras.builders import layer_builder
from core.parsing.dialects.keras.constants import ConstantRecipe
from core.parsing.dialects.keras.input_symbols import OpenPlaceholder, input_symbol, symbol_of
from core.parsing.dialects.keras.shaped_data import ShapedData
from core.parsing.dialects.keras.subclasses import variable, weight
from core.parsing.dialects.keras.symbols import KerasTensor, KerasWeight, as_table, in_keras_order
from core.parsing.dialects.keras.tensor_functions.convolutions import (
    convolution,
    dilated,
    separable,
    transposed,
    window,
)
from core.parsing.dialects.keras.variable_scopes import (
    AUTO_REUSE,
    VariableScopes,
    current_scope,
    name_scope,
    variable_scope,
)
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, LayerFunction, Special, Unknown

KINDS = {
    "dense": "Dense",
    "flatten": "Flatten",
    "dropout": "Dropout",
    "batch_normalization": "BatchNormalization",
    **{f"conv{axes}d": f"Conv{axes}D" for axes in (1, 2, 3)},
    **{f"conv{axes}d_transpose": f"Conv{axes}DTranspose" for axes in (2, 3)},
    **{f"separable_conv{axes}d": f"SeparableConv{axes}D" for axes in (1, 2)},
    **{f"max_pooling{axes}d": f"MaxPooling{axes}D" for axes in (1, 2, 3)},
    **{f"average_pooling{axes}d": f"AveragePooling{axes}D" for axes in (1, 2, 3)},
}
OF_THE_CALL = ("training", "reuse", "name", "renorm_clipping", "fused", "seed")
RULES = ("initializer", "regularizer", "constraint", "trainable")  # ends of names of what shared weights may differ in


def _layer_function(kind: str) -> Callable[..., Any]:
    """`tf.layers.dense(x, 10)`: a layer that is made at each call."""

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        inputs, *settings = (kwargs["inputs"], *args) if "inputs" in kwargs else (*args, None)[: max(len(args), 1)]
        named = {name: value for name, value in kwargs.items() if name not in (*OF_THE_CALL, "inputs")}
        said = {name: value for name, value in named.items() if not name.endswith(RULES)}
        layer = _by_name(
            call, kwargs, call.name, f"{settings} {said}", lambda: layer_builder(kind)(call, *settings, **named)
        )
        return call.call(layer, symbol_of(call, inputs))

    return run


def _by_name(call: BuiltinCall, kwargs: dict[str, Any], default: str, settings: str, make: Callable[[], Any]) -> Any:
    """What a text makes under a name, or has made under it where it takes the same weights once more."""
    scopes: VariableScopes | None = call.evaluator.variable_scopes
    if scopes is None:
        return make()
    full = scopes.full_name(kwargs.get("name"), default)
    return scopes.named(call, full, kwargs.get("reuse"), settings, make)


def refuse_sharing(call: BuiltinCall, reuse: Any = None) -> None:
    """Refuses weights that a text takes once more by their name. Raises: ParseError."""
    scopes: VariableScopes | None = call.evaluator.variable_scopes
    if scopes is not None and scopes.is_sharing(reuse):
        raise call.fail("weights that are shared by their name, by reuse=, are not read: make one layer and call it.")


def placeholder(call: BuiltinCall, dtype: Any = None, shape: Any = None, *args: Any, **kwargs: Any) -> Any:
    """`tf.placeholder(tf.float32, [None, 784])`: an input; without a shape, any or a rate."""
    sizes = call.evaluator.resolve_all(shape, call.node)
    if not isinstance(sizes, (list, tuple)) or not sizes[1:]:
        line = getattr(call.node, "lineno", 1)
        return OpenPlaceholder("what is put into this placeholder is not known", line, is_data=True)
    return input_symbol(call, tuple(sizes)[1:], "x")


def reshaped(call: BuiltinCall, x: Unknown, shape: Any) -> KerasTensor:
    """`tf.reshape(features["x"], [-1, 28, 28, 1])`: data that are an input of this shape. Raises: ParseError."""
    sizes = call.evaluator.resolve_all(list(call.iterate(shape)), call.node)
    if (not x.is_data and not x.is_setting) or len(sizes) < 2 or not all(type(n) is int and n > 0 for n in sizes[1:]):
        raise x.refusal()
    return input_symbol(call, tuple(sizes)[1:], "x")


def get_variable(call: BuiltinCall, name: Any = None, shape: Any = None, *args: Any, **kwargs: Any) -> KerasWeight:
    """`tf.get_variable("w", [5, 5, 1, 32])`, or with an initializer that is a value."""
    rule = kwargs.get("initializer")

    def make() -> KerasWeight:
        if shape is None:
            return variable(call, rule, name=name)
        return weight(call, shape, name, str(getattr(rule, "name", rule)), kwargs)

    sizes = "" if shape is None else str(call.evaluator.resolve_all(shape, call.node))
    return _by_name(call, {**kwargs, "name": name}, "Variable", sizes, make)


def _pool(kind: str, axes: int = 2) -> Callable[..., Any]:
    """`tf.nn.max_pool(x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")`."""

    def run(call: BuiltinCall, x: Any = None, ksize: Any = 2, strides: Any = 2, padding: Any = "VALID",
            *args: Any, **kwargs: Any) -> Any:  # fmt: skip
        given = call.evaluator.resolve_all([ksize, strides], call.node)
        size, step = (window(one, axes, what) for one, what in zip(given, ("ksize", "strides"), strict=True))
        layer = layer_builder(f"{kind}Pooling{axes}D")(call, pool_size=size, strides=step, padding=padding)
        return call.call(layer, symbol_of(call, kwargs.get("input", kwargs.get("value", x))))

    return run


def _bias_add(call: BuiltinCall, x: Any, bias: Any, *args: Any, **kwargs: Any) -> KerasTensor:
    return in_keras_order(operator.add, symbol_of(call, x), symbol_of(call, as_table(bias)), name="bias_add")


def _product_and_bias(call: BuiltinCall, x: Any, weights: Any, bias: Any, *args: Any, **kwargs: Any) -> KerasTensor:
    product = in_keras_order(_matmul, symbol_of(call, x), symbol_of(call, weights), name="matmul")
    return _bias_add(call, product, bias)


def _matmul(x: Tensor, y: Tensor) -> Tensor:
    return x @ y


def filled(call: BuiltinCall, shape: Any, value: Any = None) -> ShapedData:
    """`tf.constant(0.1, shape=[32])`: so many values."""
    sizes = tuple(call.evaluator.resolve_all(list(call.iterate(shape)), call.node))
    if not isinstance(value, (int, float)):
        return ShapedData(sizes)
    return ShapedData(sizes, recipe=ConstantRecipe(torch.full, (sizes, float(value)), call.evaluator.run.device))


def _named(functions: dict[str, Any]) -> dict[str, Any]:
    return {name: Builtin(name, run, needs_call=True) for name, run in functions.items()}


def measured(call: BuiltinCall, *args: Any, **kwargs: Any) -> Unknown:
    """A loss, a right answer, a step of training: what is done with outputs and builds nothing."""
    return Unknown(f"what {call.name} gives depends on data", getattr(call.node, "lineno", 1), is_data=True)


class Session(Special):
    """`tf.Session()`: it runs what has been put together, and builds nothing."""

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        """`session.run(...)`, `session.graph`."""
        return Builtin(name, measured, needs_call=True)


class Measuring(Special):
    """`tf.losses`, `tf.train` and their kind: what is done with outputs and builds nothing."""

    def __init__(self, name: str):
        self.name = name

    def attribute(self, evaluator: Any, name: str, node: ast.AST | None) -> Any:
        """`tf.losses.mean_squared_error(y, x)`, `tf.train.AdamOptimizer()`."""
        if name[:1].islower() or name == "EstimatorSpec":
            return Builtin(name, measured, needs_call=True)
        return Unknown(f"{self.name}.{name} builds nothing", getattr(node, "lineno", 1), is_data=True)


CROSS_ENTROPIES = [
    f"{kind}_cross_entropy_with_logits{version}"
    for kind, version in (("softmax", ""), ("softmax", "_v2"), ("sparse_softmax", ""), ("sigmoid", ""))
]
TRAINING = {name: Measuring(f"tf.{name}") for name in ("train", "losses", "metrics", "summary", "estimator")}
LAYER_FUNCTIONS = {name: LayerFunction(name, _layer_function(kind), needs_call=True) for name, kind in KINDS.items()}
CONVOLUTIONS: dict[str, Callable[..., Any]] = {
    **{f"conv{axes}d": convolution(axes) for axes in (1, 2, 3)},
    **{f"conv{axes}d_transpose": transposed(axes) for axes in (1, 2, 3)},
    "depthwise_conv2d": convolution(2, is_depthwise=True),
    "separable_conv2d": separable,
    "atrous_conv2d": dilated,
    "convolution": convolution(),
}
WINDOWS = _named(
    CONVOLUTIONS
    | {
        "max_pool": _pool("Max"),
        "avg_pool": _pool("Average"),
        **{f"max_pool{axes}d": _pool("Max", axes) for axes in (1, 2, 3)},
        **{f"avg_pool{axes}d": _pool("Average", axes) for axes in (1, 2, 3)},
    }
    | {"bias_add": _bias_add, "xw_plus_b": _product_and_bias}
    | dict.fromkeys(CROSS_ENTROPIES, measured)
)
BACKEND_WINDOWS = _named({**CONVOLUTIONS, "bias_add": _bias_add, "separable_conv1d": separable})
OPS_WINDOWS = _named(
    {
        "conv": convolution(),
        "depthwise_conv": convolution(is_depthwise=True),
        "separable_conv": separable,
        "conv_transpose": transposed(has_output_shape=False),
    }
)
GRAPH = _named(
    dict.fromkeys(("Session", "InteractiveSession", "Graph"), lambda call, *args, **kwargs: Session())
    | {"placeholder": placeholder, "get_variable": get_variable, "name_scope": name_scope}
    | {"variable_scope": variable_scope, "get_variable_scope": current_scope}
) | dict[str, Any](TRAINING | {"AUTO_REUSE": AUTO_REUSE})
