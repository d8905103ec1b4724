"""Ready-made networks under their names in torchvision and timm: our presets, with the parts that people replace."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch import nn

from core.errors import PlaygroundError
from core.models import MODELS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Unknown

CLASSES = ("num_classes", "class_num", "classes")


def preset(call: BuiltinCall, key: str, **kwargs: Any) -> nn.Module:
    """One of our networks, on the device of the evaluation, with as many classes as asked for."""
    classes = next((kwargs[name] for name in CLASSES if name in kwargs), 1000)
    classes = call.evaluator.resolve(classes, call.node)
    if type(classes) is not int or not 0 < classes <= 1_000_000:
        raise call.fail(f"{classes} is no number of classes.")
    call.evaluator.budget.layer(call.node, 50)
    with torch.device(call.evaluator.run.device):
        try:
            module = MODELS[key].build() if classes == 1000 else MODELS[key].build(classes=classes)
        except (TypeError, PlaygroundError) as error:
            raise call.fail(f"{error}.") from None
    call.evaluator.preset_inputs[id(module)] = (module, MODELS[key].input_shape)
    return module


def _builder(key: str) -> Builtin:
    return Builtin(key, lambda call, *args, **kwargs: preset(call, key, **kwargs), needs_call=True)


def torchvision() -> dict[str, Any]:
    """Members of `torchvision.models`: those of our presets that it has, under its names."""
    members: dict[str, Any] = {key: _builder(key) for key in MODELS if key not in ("cats_and_dogs", "unet", "dcgan")}
    return members


def timm(call: BuiltinCall, name: str = "", *args: Any, **kwargs: Any) -> Any:
    """`timm.create_model("resnet50", num_classes=5)`."""
    key = re.sub(r"\..*$", "", str(name)).replace("mobilenetv2_100", "mobilenet_v2")
    if key not in MODELS:
        return Unknown(
            f"the network {str(name)[:40]!r} of timm is not one of the presets here", getattr(call.node, "lineno", 1)
        )
    return preset(call, key, **kwargs)


def body(call: BuiltinCall, key: str, module: nn.Module, pooling: Any) -> nn.Module:
    """A preset without its head, up to the last maps of features; with their mean or maximum if asked for."""
    layers = list(module.children())
    flattened = [index for index, layer in enumerate(layers) if isinstance(layer, nn.Flatten)]
    layers = layers[: flattened[-1]] if flattened else layers
    if layers and isinstance(layers[-1], nn.AdaptiveAvgPool2d):
        layers.pop()
    last = {"avg": nn.AdaptiveAvgPool2d, "max": nn.AdaptiveMaxPool2d}.get(str(pooling))
    return nn.Sequential(*layers, *([last(1), nn.Flatten()] if last else []))
