"""Ready-made networks under their names in torchvision and timm: our presets, with the parts that people replace."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import UninitializedParameter

from core.errors import PlaygroundError
from core.models import MODELS
from core.parsing.dialects.pytorch import torchvision_networks
from core.parsing.dialects.pytorch.layers import constructed
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Unknown

IMAGE = (3, 224, 224)
CLASSES = ("num_classes", "class_num", "classes")
WITHOUT_EFFECT = (
    *(
        "weights",
        "pretrained",
        "progress",
        "weights_backbone",
        "pretrained_backbone",
        "transform_input",
        "init_weights",
    ),
    *("drop_rate", "drop_path_rate", "checkpoint_path", "exportable", "scriptable", "dropout", "name", "use_ssld"),
    *("zero_init_residual", "aux_logits"),
)


def size_of(module: nn.Module) -> tuple[int, int]:
    """How many layers and parameters it has, those of lazy layers not counted."""
    known = (one for one in module.parameters() if not isinstance(one, UninitializedParameter))
    return sum(1 for _ in module.modules()), sum(one.numel() for one in known)


def trained_size(module: nn.Module) -> tuple[int, int, int]:
    """The same, and how many of the parameters are trained."""
    trained = (one for one in module.parameters() if one.requires_grad and not isinstance(one, UninitializedParameter))
    return *size_of(module), sum(one.numel() for one in trained)


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
    call.evaluator.preset_sizes[id(module)] = size_of(module)
    return module


def parted(call: BuiltinCall, key: str, kwargs: dict[str, Any]) -> nn.Module:
    """A network of torchvision under its name there, with the parts that it has there; or else one of our presets.

    Raises: ParseError for a setting that makes another network.
    """
    function = call.evaluator.from_prelude(key) if key in torchvision_networks.NAMES else None
    known = {one.arg for one in function.node.args.args} if function is not None else set()
    settings = {}
    for name, value in kwargs.items():
        if name in CLASSES:
            settings["num_classes"] = value
        elif name in known:
            settings[name] = value
        elif name not in WITHOUT_EFFECT and value not in (None, False):
            raise call.fail(f"{name}={str(value)[:40]} makes another network than the preset: leave it out.")
    if function is None:
        return preset(call, key, **settings)
    if key == "googlenet" and any(kwargs.get(name) not in (None, False) for name in ("weights", "pretrained")):
        settings.setdefault("aux_logits", False)  # as torchvision does with weights that are trained
    return _of_prelude(call, key, function, settings)


def _builder(key: str) -> Builtin:
    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> nn.Module:
        return parted(call, key, {**dict(zip(("pretrained",), args, strict=False)), **kwargs})

    return Builtin(key, run, needs_call=True)


def torchvision() -> dict[str, Any]:
    """Members of `torchvision.models`: those of our presets that it has, and others of the prelude, under its names."""
    presets = (key for key in MODELS if key not in ("cats_and_dogs", "unet", "dcgan"))
    return {key: _builder(key) for key in (*presets, *torchvision_networks.NAMES)}


def _of_prelude(call: BuiltinCall, key: str, function: Any, settings: dict[str, Any]) -> nn.Module:
    """A network of torchvision that is written out in the prelude."""
    classes = call.evaluator.resolve(settings.pop("num_classes", 1000), call.node)
    module = call.call(function, num_classes=classes, **settings)
    call.evaluator.preset_inputs[id(module)] = (module, (3, 299, 299) if key == "inception_v3" else IMAGE)
    call.evaluator.preset_sizes[id(module)] = size_of(module)
    return module


def _segmentation(key: str) -> Builtin:
    """A network of `torchvision.models.segmentation`: with weights it has a second head, 21 classes without others."""

    def run(
        call: BuiltinCall, weights: Any = None, progress: Any = True, num_classes: Any = None, aux_loss: Any = None,
        pretrained: Any = False, weights_backbone: Any = None, pretrained_backbone: Any = True,
    ) -> nn.Module:  # fmt: skip
        settings = {} if num_classes is None else {"num_classes": num_classes}
        if key != "lraspp_mobilenet_v3_large":
            settings["aux_loss"] = bool(aux_loss or weights or pretrained)
        return _of_prelude(call, key, call.evaluator.from_prelude(key), {"num_classes": 21, **settings})

    return Builtin(key, run, needs_call=True)


SEGMENTATION = {key: _segmentation(key) for key in torchvision_networks.segmentation.NETWORKS}


def timm(call: BuiltinCall, name: str = "", *args: Any, **kwargs: Any) -> Any:
    """`timm.create_model("resnet50", num_classes=5)`."""
    key = re.sub(r"\..*$", "", str(name))
    key = torchvision_networks.TIMM.get(key, key)
    if key not in (*MODELS, *torchvision_networks.NAMES):
        return Unknown(
            f"the network {str(name)[:40]!r} of timm is not one of the presets here", getattr(call.node, "lineno", 1)
        )
    channels, has_no_head = kwargs.pop("in_chans", 3), kwargs.get("num_classes") == 0
    if key == "inception_v3":
        kwargs.setdefault("aux_logits", False)  # as timm does
    module = parted(call, key, {k: v for k, v in kwargs.items() if not (has_no_head and k == "num_classes")})
    if key.startswith(("efficientnet_b", "mobilenet")):
        _leave_last_as_classifier(call, module)
    module.__dict__["parts_of"] = "torchvision"
    if channels != 3:
        _take_channels(call, module, channels)
    if has_no_head:
        _reset_classifier(call, module, 0)
    return module


def _leave_last_as_classifier(call: BuiltinCall, module: nn.Module) -> None:
    """The last layer alone as `classifier`, as in timm; those with weights before it behind the pool."""
    *before, last = module._modules["classifier"].children()  # type: ignore[union-attr]
    module._modules["classifier"] = last
    if any(isinstance(layer, nn.Linear) for layer in before):
        flatten = constructed(call, nn.Flatten, (1,), {})
        module._modules["avgpool"] = constructed(
            call, nn.Sequential, (module._modules["avgpool"], flatten, *before), {}
        )


def _last_linear(module: nn.Module) -> tuple[nn.Module, str, nn.Linear]:
    """The layer that gives the scores, its name, and the part that holds it."""
    found = [(part, name, layer) for part in module.modules() for name, layer in part.named_children()]
    return next((part, name, layer) for part, name, layer in reversed(found) if isinstance(layer, nn.Linear))


def _reset_classifier(call: BuiltinCall, module: nn.Module, num_classes: Any = 0, *args: Any, **kwargs: Any) -> None:
    """timm's `reset_classifier`: another number of classes, or features alone."""
    part, name, layer = _last_linear(module)
    if num_classes:
        part._modules[name] = constructed(call, nn.Linear, (layer.in_features, num_classes), {})
    else:
        part._modules[name] = constructed(call, nn.Identity, (), {})
        module.__dict__["kept_features"] = layer.in_features


def _take_channels(call: BuiltinCall, module: nn.Module, channels: Any) -> None:
    """timm's `in_chans`: the first convolution reads images of so many channels."""
    found = [(part, name, layer) for part in module.modules() for name, layer in part.named_children()]
    part, name, old = next(one for one in found if isinstance(one[2], nn.Conv2d))
    settings = {"stride": old.stride, "padding": old.padding, "bias": old.bias is not None}
    part._modules[name] = constructed(call, nn.Conv2d, (channels, old.out_channels, old.kernel_size), settings)
    shape = call.evaluator.preset_inputs[id(module)][1]
    call.evaluator.preset_inputs[id(module)] = (module, (channels, *shape[1:]))


def _num_features(module: nn.Module) -> int:
    return module.__dict__.get("kept_features") or _last_linear(module)[2].in_features


MEMBERS: dict[str, Any] = {  # of timm's networks, besides their parts
    "num_features": _num_features,
    "reset_classifier": Builtin("reset_classifier", _reset_classifier, needs_call=True),
    "get_classifier": Builtin("get_classifier", lambda call, module: _last_linear(module)[2], needs_call=True),
}


def body(call: BuiltinCall, key: str, module: nn.Module, pooling: Any) -> nn.Module:
    """A preset without its head, up to the last maps of features; with their mean or maximum if asked for."""
    layers = list(module.children())
    flattened = [index for index, layer in enumerate(layers) if isinstance(layer, nn.Flatten)]
    layers = layers[: flattened[-1]] if flattened else layers
    if layers and isinstance(layers[-1], nn.AdaptiveAvgPool2d):
        layers.pop()
    last = {"avg": nn.AdaptiveAvgPool2d, "max": nn.AdaptiveMaxPool2d}.get(str(pooling))
    return nn.Sequential(*layers, *([last(1), nn.Flatten()] if last else []))
