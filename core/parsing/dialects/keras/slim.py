"""`tf.contrib.layers` and `tf.contrib.slim`: functions that make a layer at each call, and scopes of their settings.

Source: tensorflow.contrib.layers of TensorFlow 1.15, and tf_slim, which goes on from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.parsing.dialects.keras.builders import layer_builder
from core.parsing.dialects.keras.first_tensorflow import refuse_sharing
from core.parsing.dialects.keras.input_symbols import symbol_of
from core.parsing.dialects.keras.symbols import KerasTensor
from core.parsing.dialects.keras.tensor_functions.functions import FUNCTIONS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.contexts import Context
from core.parsing.evaluation.values import Builtin, LayerFunction, Namespace

LEFT_OUT = (  # settings that change no shape and no count of weights
    "weights_initializer weights_regularizer biases_regularizer param_initializers reuse variables_collections "
    "outputs_collections scope is_training updates_collections trainable decay epsilon noise_shape seed fused "
    "data_format zero_debias_moving_mean batch_weights renorm renorm_clipping renorm_decay"
)
WINDOW = "num_outputs kernel_size stride padding"
ENDING = "activation_fn normalizer_fn normalizer_params weights_initializer weights_regularizer biases_initializer"
WITHOUT_WEIGHTS = ("max_pool2d", "avg_pool2d", "dropout", "flatten", "softmax")
ORDERS = {  # names of the settings behind the input, in their order
    "conv2d": f"{WINDOW} data_format rate {ENDING}",
    "conv2d_transpose": f"{WINDOW} data_format {ENDING}",
    "separable_conv2d": f"num_outputs kernel_size depth_multiplier stride padding rate {ENDING}",
    "fully_connected": f"num_outputs {ENDING}",
    "max_pool2d": "kernel_size stride padding",
    "avg_pool2d": "kernel_size stride padding",
    "batch_norm": "decay center scale epsilon activation_fn",
    "layer_norm": "center scale activation_fn",
    "dropout": "keep_prob",
    "flatten": "",
    "softmax": "",
}
Settings = dict[str, Any]


def _ended(call: BuiltinCall, x: Any, settings: Settings, usual: Any) -> Any:
    """What a layer gives, behind its normalization and its activation."""
    normalizer, activation = settings.get("normalizer_fn"), settings.get("activation_fn", usual)
    if normalizer is not None:
        x = call.call(normalizer, x, **(settings.get("normalizer_params") or {}))
    return x if activation is None else call.call(activation, x)


def _has_bias(settings: Settings) -> bool:
    return settings.get("normalizer_fn") is None and settings.get("biases_initializer", "zeros") is not None


def _window(kind: str) -> Callable[..., Any]:
    def run(call: BuiltinCall, x: KerasTensor, settings: Settings) -> Any:
        named = {"strides": settings.get("stride", 1), "padding": settings.get("padding", "SAME")}
        named |= {"dilation_rate": settings["rate"]} if settings.get("rate", 1) != 1 else {}
        sizes = settings["num_outputs"], settings["kernel_size"]
        layer = layer_builder(kind)(call, *sizes, use_bias=_has_bias(settings), **named)
        return _ended(call, call.call(layer, x), settings, FUNCTIONS["relu"])

    return run


def _separable(call: BuiltinCall, x: KerasTensor, settings: Settings) -> Any:
    """A depthwise convolution and one of single cells, or the first alone where num_outputs is None."""
    named = {"strides": settings.get("stride", 1), "padding": settings.get("padding", "SAME")}
    named |= {"depth_multiplier": settings.get("depth_multiplier", 1), "use_bias": _has_bias(settings)}
    filters, size = settings["num_outputs"], settings["kernel_size"]
    if filters is None:
        layer = layer_builder("DepthwiseConv2D")(call, size, **named)
    else:
        layer = layer_builder("SeparableConv2D")(call, filters, size, **named)
    return _ended(call, call.call(layer, x), settings, FUNCTIONS["relu"])


def _dense(call: BuiltinCall, x: KerasTensor, settings: Settings) -> Any:
    layer = layer_builder("Dense")(call, settings["num_outputs"], use_bias=_has_bias(settings))
    return _ended(call, call.call(layer, x), settings, FUNCTIONS["relu"])


def _pool(kind: str) -> Callable[..., Any]:
    def run(call: BuiltinCall, x: KerasTensor, settings: Settings) -> Any:
        named = {"strides": settings.get("stride", 2), "padding": settings.get("padding", "VALID")}
        return call.call(layer_builder(kind)(call, settings["kernel_size"], **named), x)

    return run


def _batch_norm(call: BuiltinCall, x: KerasTensor, settings: Settings) -> Any:
    """Batch norm, which scales nothing unless it is asked to."""
    named = {"center": settings.get("center", True), "scale": settings.get("scale", False)}
    return _ended(call, call.call(layer_builder("BatchNormalization")(call, **named), x), settings, None)


def _layer_norm(call: BuiltinCall, x: KerasTensor, settings: Settings) -> Any:
    """Layer norm of vectors; of maps it has other axes than Keras's."""
    if len(x.shape) > 1:
        raise call.fail("it is read on vectors only.")
    named = {"center": settings.get("center", True), "scale": settings.get("scale", True)}
    return _ended(call, call.call(layer_builder("LayerNormalization")(call, **named), x), settings, None)


def _plain(kind: str) -> Callable[..., Any]:
    return lambda call, x, settings: call.call(layer_builder(kind)(call), x)


def _dropout(call: BuiltinCall, x: KerasTensor, settings: Settings) -> Any:
    keep = call.evaluator.resolve(settings.get("keep_prob", 0.5), call.node)
    return call.call(layer_builder("Dropout")(call, round(1 - keep, 12) if type(keep) in (int, float) else 0.5), x)


class ArgScope(Context):
    """`with slim.arg_scope([slim.conv2d], padding="SAME"):`, the settings of functions inside."""

    def __init__(self, evaluator: Any, settings: dict[str, Settings]):
        self.evaluator, self.settings = evaluator, settings

    def enter(self) -> ArgScope:
        self.evaluator.arg_scopes.append(self.settings)
        return self

    def leave(self, error: Exception | None) -> bool:
        self.evaluator.arg_scopes.pop()
        return False


def _arg_scope(call: BuiltinCall, functions: Any, **settings: Any) -> ArgScope:
    if isinstance(functions, ArgScope):
        return functions
    scopes = call.evaluator.arg_scopes
    inside = dict(scopes[-1]) if scopes else {}
    for one in call.iterate(functions):
        if isinstance(one, Builtin):
            inside[one.name] = inside.get(one.name, {}) | settings
    return ArgScope(call.evaluator, inside)


def _layer_function(name: str, build: Callable[..., Any]) -> LayerFunction:
    order = ORDERS[name].split()

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        if name not in WITHOUT_WEIGHTS:
            refuse_sharing(call, kwargs.get("reuse"))
        inputs, *rest = (kwargs.pop("inputs"), *args) if "inputs" in kwargs else (*args, None)[: max(1, len(args))]
        scopes = call.evaluator.arg_scopes
        settings = {**(scopes[-1].get(name, {}) if scopes else {}), **dict(zip(order, rest, strict=False)), **kwargs}
        odd = next((one for one in settings if one not in (*order, *LEFT_OUT.split())), None)
        if odd is not None:
            raise call.fail(f"got an unexpected keyword argument {odd!r}.")
        missing = [one for one in ("num_outputs", "kernel_size") if one in order and one not in settings]
        if missing:
            raise call.fail(f"missing a required argument: {missing[0]!r}.")
        return build(call, symbol_of(call, inputs), settings)

    return LayerFunction(name, run, needs_call=True)


def _repeat(call: BuiltinCall, inputs: Any, repetitions: Any, layer: Any, *args: Any, **kwargs: Any) -> Any:
    """`slim.repeat(x, 2, slim.conv2d, 64, [3, 3])`."""
    kept = {name: value for name, value in kwargs.items() if name != "scope"}
    for _ in call.iterate(range(call.evaluator.resolve_number(repetitions, "", call.node))):
        inputs = call.call(layer, inputs, *args, **kept)
    return inputs


def _stack(call: BuiltinCall, inputs: Any, layer: Any, stack_args: Any, **kwargs: Any) -> Any:
    """`slim.stack(x, slim.fully_connected, [32, 64])`."""
    kept = {name: value for name, value in kwargs.items() if name != "scope"}
    for one in call.iterate(stack_args):
        inputs = call.call(layer, inputs, *(one if isinstance(one, (list, tuple)) else (one,)), **kept)
    return inputs


def _linear(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
    """A fully connected layer without an activation."""
    return call.call(_LAYERS["fully_connected"], *args, **{"activation_fn": None, **kwargs})


def _rule(call: BuiltinCall, *args: Any, **kwargs: Any) -> str:
    """An initializer or regularizer, which changes no shape."""
    return call.name


_BUILDERS = {
    "conv2d": _window("Conv2D"),
    "conv2d_transpose": _window("Conv2DTranspose"),
    "separable_conv2d": _separable,
    "fully_connected": _dense,
    "max_pool2d": _pool("MaxPooling2D"),
    "avg_pool2d": _pool("AveragePooling2D"),
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "dropout": _dropout,
    "flatten": _plain("Flatten"),
    "softmax": _plain("Softmax"),
}
_LAYERS: dict[str, Any] = {name: _layer_function(name, build) for name, build in _BUILDERS.items()}
_LONG = {"convolution2d": "conv2d", "convolution2d_transpose": "conv2d_transpose", "relu": "fully_connected"}
_LONG |= {"separable_convolution2d": "separable_conv2d"}
_RULES = (
    "xavier_initializer xavier_initializer_conv2d variance_scaling_initializer l1_regularizer l2_regularizer "
    "l1_l2_regularizer"
)
FRAMEWORK = {"arg_scope": Builtin("arg_scope", _arg_scope, needs_call=True)}
MEMBERS: dict[str, Any] = {
    **_LAYERS,
    **{name: _LAYERS[short] for name, short in _LONG.items()},
    "linear": LayerFunction("linear", _linear, needs_call=True),
    "repeat": LayerFunction("repeat", _repeat, needs_call=True),
    "stack": LayerFunction("stack", _stack, needs_call=True),
    **{name: Builtin(name, _rule, needs_call=True) for name in _RULES.split()},
    **FRAMEWORK,
}
_COLLECTED = Builtin("convert_collection_to_dict", lambda call, *args, **kwargs: {}, needs_call=True)
_TOOLS = {name: Namespace(f"slim.{name}", {_COLLECTED.name: _COLLECTED}) for name in ("utils", "losses")}
CONTRIB_LAYERS = Namespace("tf.contrib.layers", MEMBERS | _TOOLS)
SLIM = Namespace("slim", {**MEMBERS, **_TOOLS, "layers": CONTRIB_LAYERS})
