"""The modules of Keras and TensorFlow that a text may import from."""

from __future__ import annotations

import ast
import keyword
from typing import Any

import torch
from torch import nn

from core.errors import ParseError
from core.parsing.dialects.keras.layers import ACTIVATIONS, KERAS
from core.parsing.dialects.keras.merges import FUNCTIONS, MERGE_FUNCTIONS, MERGES, RESIZE
from core.parsing.dialects.keras.networks import KerasNetwork, KerasSequential, given_input
from core.parsing.dialects.keras.symbols import KerasTensor, Record
from core.parsing.dialects.keras.unbuilt import (
    OLD,
    KerasBase,
    KerasLayer,
    ShapedData,
    input_symbol,
    layer_builder,
    symbol_of,
    unknown_keras,
)
from core.parsing.dialects.keras.wrappers import WRAPPERS
from core.parsing.dialects.pytorch import presets
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Builtin, Function, Instance, Namespace, Type


def _input(call: BuiltinCall, shape: Any = None, *args: Any, **kwargs: Any) -> KerasTensor:
    batched = kwargs.get("batch_shape", kwargs.get("batch_input_shape"))
    sizes = shape if shape is not None else kwargs.get("input_shape")
    if batched is not None:
        sizes = tuple(call.evaluator.resolve_all(batched, call.node))[1:]
    if sizes is None:
        raise call.fail("it needs a shape, for example Input((28, 28, 1)).")
    return input_symbol(call, sizes, _name(kwargs.get("name"), "x"))


def _name(value: Any, default: str) -> str:
    text = str(value) if isinstance(value, str) else default
    return text if text.isidentifier() and not keyword.iskeyword(text) else default


def _model(call: BuiltinCall, *args: Any, **kwargs: Any) -> KerasNetwork:
    for old in ("input", "output"):
        if old in kwargs:
            raise call.fail(f"{old} is Keras 1's name, which Keras does not know any more: write {OLD[old]}=.")
    named = dict(zip(("inputs", "outputs"), args, strict=False)) | kwargs
    inputs, outputs = (_symbols(call, named.get(name)) for name in ("inputs", "outputs"))
    if not inputs or not outputs:
        raise call.fail("it needs its inputs and its outputs.")
    return KerasNetwork(inputs, outputs, _name(named.get("name"), ""), getattr(call.node, "lineno", 1))


def _symbols(call: BuiltinCall, value: Any) -> list[KerasTensor]:
    if isinstance(value, dict):
        value = list(value.values())
    values = call.iterate(value) if isinstance(value, (list, tuple)) else [value] if value is not None else []
    return [
        symbol
        for one in values
        for symbol in (_symbols(call, one) if isinstance(one, list) else [symbol_of(call, one)])
    ]


def _sequential(call: BuiltinCall, layers: Any = (), *args: Any, **kwargs: Any) -> KerasSequential:
    return KerasSequential(call, kwargs.get("layers", layers), _name(kwargs.get("name"), ""))


def _application(key: str) -> Builtin:
    """`keras.applications.ResNet50(include_top=False, pooling="avg")`: our preset, with or without its head."""

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> KerasNetwork:
        top = kwargs.get("include_top", args[0] if args else True)
        classes = kwargs.get("classes", 1000)
        module = presets.preset(call, key, num_classes=classes)
        if key in BIASED:
            _add_biases(call, module)
        given = kwargs.get("input_tensor")
        sizes = kwargs.get("input_shape")
        start = (
            given
            if isinstance(given, KerasTensor)
            else input_symbol(call, sizes if sizes is not None else (224, 224, 3))
        )
        body = module if top else presets.body(call, key, module, kwargs.get("pooling"))
        output = body(start.meta())
        symbol = KerasTensor(tuple(output.shape[1:]), Record(body, (start,), {}, key))
        return KerasNetwork([start], [symbol], key, getattr(call.node, "lineno", 1))

    return Builtin(key, run, needs_call=True)


def _add_biases(call: BuiltinCall, module: nn.Module) -> None:
    """Keras's ResNets have a bias in every convolution, though batch norm follows."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d) and layer.bias is None:
            layer.bias = nn.Parameter(torch.zeros(layer.out_channels, device=layer.weight.device))


def _sample(call: BuiltinCall, *sizes: Any, **kwargs: Any) -> Any:
    shape = kwargs.get("shape", sizes[0] if sizes and isinstance(sizes[0], (list, tuple)) else sizes)
    resolved = call.evaluator.resolve_all(tuple(shape), call.node)
    like = {
        "zeros": torch.zeros_like,
        "ones": torch.ones_like,
        "uniform": torch.rand_like,
        "random_uniform": torch.rand_like,
    }
    return ShapedData(
        tuple(n for n in resolved if isinstance(n, (int, type(None)))), like.get(call.name, torch.randn_like)
    )


def _input_shape(
    call: BuiltinCall, shape: Any = None, default_size: Any = 224, *args: Any, **kwargs: Any
) -> tuple[int, ...]:
    """The input that a ready-made network of Keras has where none is given: a square colour image."""
    given = call.evaluator.resolve_all(shape, call.node)
    channels_first = call.evaluator.channels_first
    return given or ((3, default_size, default_size) if channels_first else (default_size, default_size, 3))


def _shape(call: BuiltinCall, x: Any) -> tuple[Any, ...]:
    """`tf.shape(x)`: None for the batch, which nobody knows yet."""
    return symbol_of(call, x).keras_shape()


def _correct_pad(call: BuiltinCall, inputs: Any, kernel_size: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Keras's zeros around an image in front of a convolution of stride 2, one fewer before an even side."""
    sizes = symbol_of(call, inputs).shape[1:]
    kernel = kernel_size if isinstance(kernel_size, (tuple, list)) else (kernel_size, kernel_size)
    pads = [(k // 2 - (1 - size % 2), k // 2) for k, size in zip(kernel, sizes, strict=True)]
    return pads[0], pads[1]


def _data_format(call: BuiltinCall, *args: Any) -> str | None:
    if args:
        call.evaluator.channels_first = args[0] == "channels_first"
        return None
    return "channels_first" if call.evaluator.channels_first else "channels_last"


def call_instance(
    evaluator: Any, value: Instance, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None
) -> Any:
    """A layer or network of a class of the text: its `build`, once, and its `call`."""
    call = BuiltinCall(evaluator, node, value.cls.name)
    values = [
        [symbol_of(call, v) for v in a]
        if isinstance(a, (list, tuple))
        else symbol_of(call, a)
        if isinstance(a, ShapedData)
        else a
        for a in args
    ]
    build = value.cls.find("build")
    if isinstance(build, Function) and not value.names.get("built"):
        value.names["built"] = True
        first = values[0][0] if isinstance(values[0], list) else values[0]
        evaluator.call(build, [value, first.keras_shape()], {}, node)
    method = value.cls.find("call")
    if not isinstance(method, Function):
        raise call.fail("its class has no call(self, inputs).")
    value.names["seen"] = values[0]
    return evaluator.call(method, [value, *values], {k: v for k, v in kwargs.items() if k != "mask"}, node)


def _inputs_of_parts(value: Instance) -> list[KerasTensor]:
    """The inputs of the first network that an object was given, such as the encoder of an autoencoder."""
    parts = [
        part for name, part in value.names.items() if isinstance(part, KerasNetwork) and getattr(part, "inputs", None)
    ]
    first = parts[0].inputs if parts else []
    return [KerasTensor(one.shape, None, f"x{number or ''}", one.channels_first) for number, one in enumerate(first)]


def instance_network(evaluator: Any, value: Instance) -> KerasNetwork:
    """The network of an object of a class that inherits from keras.Model: its `call`, on the input that is known."""
    seen = value.names.get("seen")
    shape = value.names.get("input_shape")
    place = BuiltinCall(evaluator, ast.Constant(0, lineno=value.cls.line), value.cls.name)
    starts = [seen] if isinstance(seen, KerasTensor) else list(seen or [])
    if starts:
        starts = [
            KerasTensor(one.shape, None, f"x{number or ''}", one.channels_first) for number, one in enumerate(starts)
        ]
    elif shape is not None:
        starts = [input_symbol(place, tuple(shape)[1:])]
    else:
        starts = _inputs_of_parts(value) or [given_input(evaluator, value.cls.line)]
    from core.parsing.evaluation.budget import Budget

    evaluator.run.budget = Budget()
    output = call_instance(evaluator, value, [starts if len(starts) > 1 else starts[0]], {}, place.node)
    if isinstance(output, dict):
        output = list(output.values())
    return KerasNetwork(
        starts, list(output) if isinstance(output, (list, tuple)) else [output], value.cls.name, value.cls.line
    )


def _build(call: BuiltinCall, value: Instance, input_shape: Any = None, **kwargs: Any) -> None:
    value.names["input_shape"] = call.evaluator.resolve_all(input_shape, call.node)


def _nothing(call: BuiltinCall, *args: Any, **kwargs: Any) -> None:
    """compile, fit, summary: what changes no network."""


def _weight(call: BuiltinCall, value: Instance, *args: Any, **kwargs: Any) -> Any:
    raise ParseError(
        f"Line {getattr(call.node, 'lineno', 1)}: weights that a layer adds by add_weight are not read here: "
        "use the layers of Keras instead."
    )


_METHODS = {
    **{
        name: Builtin(name, _nothing, needs_call=True)
        for name in ["compile", "fit", "summary", "evaluate", "save", "load_weights", "predict"]
    },
    "build": Builtin("build", _build, needs_call=True),
    "add_weight": Builtin("add_weight", _weight, needs_call=True),
}
MODEL = Type("Model", (KerasBase, KerasNetwork), _model, members=_METHODS)
LAYER = Type("Layer", (KerasBase, KerasLayer), None, members=_METHODS)
SEQUENTIAL = Type("Sequential", (KerasSequential,), _sequential)
INPUT = Builtin("Input", _input, needs_call=True)
LAYERS: dict[str, Any] = {
    **{kind: Type(kind, (KerasLayer,), layer_builder(kind)) for kind in (*KERAS, *MERGES, *WRAPPERS, "Lambda")},
    **MERGE_FUNCTIONS,
    "Input": INPUT,
    "InputLayer": INPUT,
    "Layer": LAYER,
}
ACTIVATION_FUNCTIONS = {name: FUNCTIONS[name] for name in (*ACTIVATIONS, "softmax") if name in FUNCTIONS}
_APPLICATIONS = {
    "VGG16": "vgg16", "VGG19": "vgg19", "ResNet50": "resnet50", "ResNet101": "resnet101", "DenseNet121": "densenet121",
    "MobileNetV2": "mobilenet_v2", "ConvNeXtTiny": "convnext_tiny",
}  # fmt: skip
BIASED = ("resnet50", "resnet101")
_FILES = {"VGG16": "vgg16", "VGG19": "vgg19", "ResNet50": "resnet50", "ResNet101": "resnet", "DenseNet121": "densenet",
          "MobileNetV2": "mobilenet_v2", "ConvNeXtTiny": "convnext"}  # fmt: skip
_BUILT = {name: _application(key) for name, key in _APPLICATIONS.items()}
APPLICATIONS = Namespace("keras.applications", {**_BUILT})
for _name_of, _file in _FILES.items():
    APPLICATIONS.members = {**APPLICATIONS.members, _file: Namespace(_file, {_name_of: _BUILT[_name_of]})}
IGNORED = Namespace("keras", {})
BACKEND = Namespace(
    "keras.backend",
    {
        **FUNCTIONS,
        "int_shape": Builtin("int_shape", lambda call, x: symbol_of(call, x).keras_shape(), needs_call=True),
        **{
            name: Builtin(name, _data_format, needs_call=True)
            for name in ("image_data_format", "set_image_data_format")
        },
        **{name: Builtin(name, _nothing, needs_call=True) for name in ("clear_session", "set_image_dim_ordering")},
        "concatenate": FUNCTIONS["concat"],
        "shape": Builtin("shape", _shape, needs_call=True),
        **{name: Builtin(name, _sample, needs_call=True) for name in ("random_normal", "random_uniform")},
    },
)
LAYERS_SPACE = Namespace("keras.layers", LAYERS, unknown_keras)
_PARTS = "convolutional core pooling normalization merge advanced_activations recurrent embeddings noise local wrappers"
LAYERS_SPACE.members = {**LAYERS, **dict.fromkeys(_PARTS.split(), LAYERS_SPACE)}
MODELS = Namespace("keras.models", {"Sequential": SEQUENTIAL, "Model": MODEL})
KERAS_SPACE = Namespace(
    "keras",
    {
        "layers": LAYERS_SPACE,
        "models": MODELS,
        "Sequential": SEQUENTIAL,
        "Model": MODEL,
        "Input": INPUT,
        "backend": BACKEND,
        "ops": BACKEND,
        "activations": Namespace("keras.activations", ACTIVATION_FUNCTIONS),
        "applications": APPLICATIONS,
        "engine": Namespace("keras.engine", {"Layer": LAYER, "Model": MODEL, "Input": INPUT}),
        **{
            name: Namespace(f"keras.{name}", {})
            for name in ["optimizers", "losses", "metrics", "callbacks", "datasets", "utils"]
        },
        **{
            name: Namespace(f"keras.{name}", {})
            for name in ["regularizers", "initializers", "constraints", "preprocessing"]
        },
    },
)
TENSORFLOW = Namespace(
    "tensorflow",
    {
        "keras": KERAS_SPACE,
        "nn": Namespace("tf.nn", {**FUNCTIONS}),
        "math": Namespace("tf.math", {**FUNCTIONS}),
        "image": Namespace("tf.image", {"resize": RESIZE}),
        "random": Namespace("tf.random", {n: Builtin(n, _sample, needs_call=True) for n in ("normal", "uniform")}),
        **FUNCTIONS,
        **{name: Builtin(name, _sample, needs_call=True) for name in ("zeros", "ones")},
        "shape": Builtin("shape", _shape, needs_call=True),
        "Module": Type("Module", (KerasBase,), None),
        "float32": "float32",
        "float16": "float16",
        "newaxis": None,
        "function": Builtin("function", lambda f: f),
    },
)
_IMAGENET_UTILS = Namespace(
    "imagenet_utils",
    {"obtain_input_shape": Builtin("obtain_input_shape", _input_shape, needs_call=True),
     "correct_pad": Builtin("correct_pad", _correct_pad, needs_call=True),
     **{name: Builtin(name, _nothing, needs_call=True) for name in ("validate_activation", "preprocess_input")}},
)  # fmt: skip
KERAS_SPACE.members = {
    **KERAS_SPACE.members,
    "src": Namespace(
        "keras.src",
        {
            **KERAS_SPACE.members,
            "models": Namespace("keras.models", {"Sequential": SEQUENTIAL, "Model": MODEL, "Functional": MODEL}),
            "applications": Namespace("applications", {**APPLICATIONS.members, "imagenet_utils": _IMAGENET_UTILS}),
        },
    ),
}
KERAS_SPACE.members = {
    **KERAS_SPACE.members,
    "api": Namespace("keras.api", {"_v2": Namespace("v2", {"keras": KERAS_SPACE})}),
}
TENSORFLOW.members = {**TENSORFLOW.members, "python": Namespace("tensorflow.python", {"keras": KERAS_SPACE}),
                      "compat": Namespace("compat", {"v1": TENSORFLOW, "v2": TENSORFLOW})}  # fmt: skip
ROOTS: dict[str, Any] = {"keras": KERAS_SPACE, "tensorflow": TENSORFLOW, "tf_keras": KERAS_SPACE}
NAMES: dict[str, Any] = {
    **LAYERS,
    "layers": LAYERS_SPACE,
    "models": MODELS,
    "keras": KERAS_SPACE,
    "tf": TENSORFLOW,
    "tensorflow": TENSORFLOW,
    "K": BACKEND,
    "Sequential": SEQUENTIAL,
    "Model": MODEL,
    "Input": INPUT,
    **_BUILT,
}
__all__ = ["MISSING", "NAMES", "ROOTS", "call_instance", "instance_network"]
