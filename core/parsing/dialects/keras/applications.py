"""Ready-made networks of `keras.applications`: our presets, with Keras's input and without their head where asked."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from core.parsing.dialects.keras.application_layers import Application
from core.parsing.dialects.keras.networks import KerasNetwork
from core.parsing.dialects.keras.symbols import KerasTensor
from core.parsing.dialects.keras.unbuilt import input_symbol, symbol_of
from core.parsing.dialects.pytorch import presets
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Namespace


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
        return Application(key, body, start, bool(top), getattr(call.node, "lineno", 1))

    return Builtin(key, run, needs_call=True)


def _add_biases(call: BuiltinCall, module: nn.Module) -> None:
    """Keras's ResNets have a bias in every convolution, though batch norm follows."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d) and layer.bias is None:
            layer.bias = nn.Parameter(torch.zeros(layer.out_channels, device=layer.weight.device))


def _input_shape(
    call: BuiltinCall, shape: Any = None, default_size: Any = 224, *args: Any, **kwargs: Any
) -> tuple[int, ...]:
    """The input that a ready-made network of Keras has where none is given: a square colour image."""
    given = call.evaluator.resolve_all(shape, call.node)
    channels_first = call.evaluator.channels_first
    return given or ((3, default_size, default_size) if channels_first else (default_size, default_size, 3))


def _scaled(call: BuiltinCall, x: Any, *args: Any, **kwargs: Any) -> Any:
    """`preprocess_input`: another range of the same values."""
    return x


def _correct_pad(call: BuiltinCall, inputs: Any, kernel_size: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Keras's zeros around an image in front of a convolution of stride 2, one fewer before an even side."""
    sizes = symbol_of(call, inputs).shape[1:]
    kernel = kernel_size if isinstance(kernel_size, (tuple, list)) else (kernel_size, kernel_size)
    pads = [(k // 2 - (1 - size % 2), k // 2) for k, size in zip(kernel, sizes, strict=True)]
    return pads[0], pads[1]


def _nothing(call: BuiltinCall, *args: Any, **kwargs: Any) -> None:
    """What checks its arguments and gives nothing."""


_APPLICATIONS = {
    "VGG16": "vgg16", "VGG19": "vgg19", "ResNet50": "resnet50", "ResNet101": "resnet101", "DenseNet121": "densenet121",
    "MobileNetV2": "mobilenet_v2", "ConvNeXtTiny": "convnext_tiny",
}  # fmt: skip
BIASED = ("resnet50", "resnet101")
_FILES = {"VGG16": "vgg16", "VGG19": "vgg19", "ResNet50": "resnet50", "ResNet101": "resnet", "DenseNet121": "densenet",
          "MobileNetV2": "mobilenet_v2", "ConvNeXtTiny": "convnext"}  # fmt: skip
_OTHER_FILES = (
    "efficientnet efficientnet_v2 inception_v3 xception mobilenet mobilenet_v3 nasnet resnet_v2 imagenet_utils"
)
BUILT = {name: _application(key) for name, key in _APPLICATIONS.items()}
APPLICATIONS = Namespace("keras.applications", BUILT)
_SCALING = {"preprocess_input": Builtin("preprocess_input", _scaled, needs_call=True)}
APPLICATIONS.members = {
    **BUILT,
    **{file: Namespace(file, {name: BUILT[name], **_SCALING}) for name, file in _FILES.items()},
    **{file: Namespace(file, _SCALING) for file in _OTHER_FILES.split()},
}
IMAGENET_UTILS = Namespace(
    "imagenet_utils",
    {"obtain_input_shape": Builtin("obtain_input_shape", _input_shape, needs_call=True),
     "_obtain_input_shape": Builtin("obtain_input_shape", _input_shape, needs_call=True),
     "correct_pad": Builtin("correct_pad", _correct_pad, needs_call=True),
     **{name: Builtin(name, _nothing, needs_call=True) for name in ("validate_activation",)}, **_SCALING},
)  # fmt: skip
APPLICATIONS.members = {**APPLICATIONS.members, "imagenet_utils": IMAGENET_UTILS}
