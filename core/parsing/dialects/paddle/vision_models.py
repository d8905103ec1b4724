"""`paddle.vision.models`: presets where Paddle's network is the same as torchvision's, else texts of the prelude."""

from __future__ import annotations

from typing import Any

from core.parsing.dialects.pytorch import presets
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, FromPrelude, Namespace

RESNETS: dict[str, dict[str, Any]] = {
    **{f"resnet{depth}": {"depth": depth} for depth in (18, 34, 50, 101, 152)},
    **{
        f"resnext{depth}_{groups}x4d": {"depth": depth, "width": 4, "groups": groups}
        for depth in (50, 101, 152)
        for groups in (32, 64)
    },
    **{f"wide_resnet{depth}_2": {"depth": depth, "width": 128} for depth in (50, 101)},
}
VGGS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
SHUFFLES = {"0_25": 0.25, "0_33": 0.33, "0_5": 0.5, "1_0": 1.0, "1_5": 1.5, "2_0": 2.0}
# name in Paddle -> class or function of the prelude, and its settings
TEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    **{name: ("PaddleResNet", settings) for name, settings in RESNETS.items()},
    **{f"densenet{depth}": ("PaddleDenseNet", {"layers": depth}) for depth in (121, 161, 169, 201, 264)},
    **{f"vgg{depth}": ("paddle_vgg", {"counts": counts}) for depth, counts in VGGS.items()},
    **{f"shufflenet_v2_x{name}": ("PaddleShuffleNetV2", {"scale": scale}) for name, scale in SHUFFLES.items()},
    "shufflenet_v2_swish": ("PaddleShuffleNetV2", {"scale": 1.0, "act": "swish"}),
    "squeezenet1_0": ("PaddleSqueezeNet", {"version": "1.0"}),
    "squeezenet1_1": ("PaddleSqueezeNet", {"version": "1.1"}),
    "alexnet": ("PaddleAlexNet", {}),
    "googlenet": ("PaddleGoogLeNet", {}),
    "inception_v3": ("PaddleInceptionV3", {}),
    "mobilenet_v1": ("PaddleMobileNetV1", {}),
    "mobilenet_v2": ("PaddleMobileNetV2", {}),
    "mobilenet_v3_large": ("paddle_mobilenet_v3_large", {}),
    "mobilenet_v3_small": ("paddle_mobilenet_v3_small", {}),
}
CLASSES = {
    **{name: f"Paddle{name}" for name in ("ResNet", "VGG", "AlexNet", "LeNet", "DenseNet", "SqueezeNet")},
    **{name: f"Paddle{name}" for name in ("MobileNetV1", "MobileNetV2", "ShuffleNetV2", "GoogLeNet", "InceptionV3")},
    **{name: f"Paddle{name}" for name in ("BasicBlock", "BottleneckBlock")},
    "MobileNetV3Large": "paddle_mobilenet_v3_large",
    "MobileNetV3Small": "paddle_mobilenet_v3_small",
    "make_layers": "paddle_vgg_layers",
    "_make_divisible": "_make_divisible",
}
FILES = (
    "alexnet densenet googlenet inceptionv3 lenet mobilenetv1 mobilenetv2 mobilenetv3 resnet shufflenetv2 vgg _utils"
)


def _builder(name: str) -> Builtin:
    """`paddle.vision.models.resnet18(num_classes=10)`."""
    text, fixed = TEXTS[name]

    def run(call: BuiltinCall, pretrained: Any = False, batch_norm: Any = None, **settings: Any) -> Any:
        settings = {key: call.evaluator.resolve(value, call.node) for key, value in settings.items()}
        settings |= {"batch_norm": True} if batch_norm is True else {}
        settings.pop("with_pool", None) if settings.get("with_pool") is True else None
        block = {}
        if name in RESNETS:
            kind = "PaddleBasicBlock" if fixed["depth"] < 50 else "PaddleBottleneckBlock"
            block = {"block": call.evaluator.from_prelude(kind)}
        network = call.call(call.evaluator.from_prelude(text), **block, **fixed, **settings)
        call.evaluator.preset_inputs[id(network)] = (network, presets.IMAGE)
        call.evaluator.preset_sizes[id(network)] = presets.size_of(network)
        return network

    return Builtin(name, run, needs_call=True)


def models() -> Namespace:
    """The namespace, in each of whose files all of its networks are found."""
    space = Namespace(
        "paddle.vision.models",
        {
            **{name: _builder(name) for name in TEXTS},
            **{name: FromPrelude(text) for name, text in CLASSES.items()},
        },
    )
    space.members = {**dict.fromkeys(FILES.split(), space), **space.members}
    return space
