"""Ready-made networks of `keras.applications`: Keras's input, layers and names, and no head where a text says so."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.errors import ParseError
from core.parsing.dialects.keras.ancestry import inputs_of
from core.parsing.dialects.keras.application_texts import cells, convnext, efficient, fused, texts
from core.parsing.dialects.keras.input_symbols import input_symbol, symbol_of
from core.parsing.dialects.keras.networks import KerasNetwork, Placed
from core.parsing.dialects.keras.symbols import KerasTensor
from core.parsing.dialects.keras.trained import set_trained
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, LayerFunction, Namespace, Scope, Unknown

TOP = "include_top, classes, pooling, classifier_activation"
FIRST = "include_top weights input_tensor input_shape pooling classes classifier_activation name"
MOBILE = "input_shape alpha {} include_top weights input_tensor {} classifier_activation {} name"
LEARNED = "rescaling_1"  # a layer that is there for the weights of ImageNet alone
OLD = ("backend", "layers", "models", "utils")  # what the package of Keras 2 was handed
DEFAULTS: dict[str, Any] = {
    "include_top": True, "weights": "imagenet", "input_tensor": None, "input_shape": None, "pooling": None,
    "classes": 1000, "classifier_activation": "softmax", "name": None, "alpha": 1.0, "depth_multiplier": 1,
    "dropout": 0.001, "minimalistic": False, "dropout_rate": 0.2, "include_preprocessing": True,
}  # fmt: skip


@dataclass(frozen=True)
class Ready:
    """One network: the expression that builds it from `x`, its usual side, its arguments in Keras's order.

    `first` are layers behind the input that only prepare the image, which are left out here.
    """

    built: str
    side: int = 224
    arguments: str = FIRST
    first: tuple[str, ...] = ()
    least: int = 32  # cells of a side


def _resnet(kind: str, *depths: int) -> Ready:
    return Ready(f"end({kind}(x, {depths}), {TOP})")


def _efficient(width: float, depth: float, side: int, dropout: float) -> Ready:
    first = ("rescaling", "normalization", LEARNED)
    return Ready(f"end(efficientnet(x, {width}, {depth}), {TOP}, {dropout})", side, first=first)


def _v3(steps: str, last: int) -> Ready:
    end = f"{TOP}, dropout_rate, {last} if alpha <= 1.0 else round_to_eight({last} * alpha), minimalistic"
    order = MOBILE.format("minimalistic", "classes pooling dropout_rate", "include_preprocessing")
    return Ready(f"v3_end(mobilenet_v3(x, {steps}, alpha, minimalistic), {end})", 224, order, ("rescaling",))


def _fused(steps: str, first: int, side: int, *factors: float) -> Ready:
    built = f"end(efficientnet_v2(x, {', '.join(map(str, (steps, first, *factors)))}), {TOP}, 0.2)"
    prepared = ("rescaling", "normalization") if steps == "BASE" else ("rescaling",)
    return Ready(built, side, FIRST.replace("name", "include_preprocessing name"), prepared)


def _cells(last: int, blocks: int, stem: int, skips_reduction: bool, side: int) -> Ready:
    order = "input_shape include_top weights input_tensor pooling classes classifier_activation name"
    built = f"end(nasnet(x, {last}, {blocks}, {stem}, {skips_reduction}), {TOP}, {_PLAIN}, head='{_MEAN}')"
    return Ready(built, side, order)


def _next(size: str, deepest: int, width: int) -> Ready:
    widths, name = tuple(width * 2**stage for stage in range(4)), f"'convnext_{size}'"
    built = f"next_end(convnext(x, (3, 3, {deepest}, 3), {widths}, {name}), {TOP}, {name})"
    return Ready(built, 224, FIRST.replace("weights", "include_preprocessing weights"), ("normalization",))


_MEAN = "global_average_pooling2d"
_PLAIN = f'mean="{_MEAN}", largest="global_max_pooling2d"'
READY: dict[str, Ready] = {
    "VGG16": Ready(f"vgg_end(vgg(x, (2, 2, 3, 3, 3)), {TOP})"),
    "VGG19": Ready(f"vgg_end(vgg(x, (2, 2, 4, 4, 4)), {TOP})"),
    "ResNet50": _resnet("resnet", 3, 4, 6, 3),
    "ResNet101": _resnet("resnet", 3, 4, 23, 3),
    "ResNet152": _resnet("resnet", 3, 8, 36, 3),
    "ResNet50V2": _resnet("resnet_v2", 3, 4, 6, 3),
    "ResNet101V2": _resnet("resnet_v2", 3, 4, 23, 3),
    "ResNet152V2": _resnet("resnet_v2", 3, 8, 36, 3),
    "DenseNet121": _resnet("densenet", 6, 12, 24, 16),
    "DenseNet169": _resnet("densenet", 6, 12, 32, 32),
    "DenseNet201": _resnet("densenet", 6, 12, 48, 32),
    "InceptionV3": Ready(f"end(inception(x), {TOP}, {_PLAIN})", 299, least=75),
    "InceptionResNetV2": Ready(f"end(inception_resnet(x), {TOP}, {_PLAIN})", 299, least=75),
    "Xception": Ready(f"end(xception(x), {TOP}, {_PLAIN})", 299, least=71),
    "MobileNet": Ready(
        f"mobilenet_end(mobilenet(x, alpha, depth_multiplier), {TOP}, dropout)",
        224,
        MOBILE.format("depth_multiplier dropout", "pooling classes", ""),
    ),
    "MobileNetV2": Ready(
        f"end(mobilenet_v2(x, alpha), {TOP}, {_PLAIN}, head='{_MEAN}')",
        224,
        MOBILE.format("", "pooling classes", ""),
    ),
    "MobileNetV3Small": _v3("SMALL", 1024),
    "MobileNetV3Large": _v3("LARGE", 1280),
    "EfficientNetB0": _efficient(1.0, 1.0, 224, 0.2),
    "EfficientNetB1": _efficient(1.0, 1.1, 240, 0.2),
    "EfficientNetB2": _efficient(1.1, 1.2, 260, 0.3),
    "EfficientNetB3": _efficient(1.2, 1.4, 300, 0.3),
    "EfficientNetB4": _efficient(1.4, 1.8, 380, 0.4),
    "EfficientNetB5": _efficient(1.6, 2.2, 456, 0.4),
    "EfficientNetB6": _efficient(1.8, 2.6, 528, 0.5),
    "EfficientNetB7": _efficient(2.0, 3.1, 600, 0.5),
    "EfficientNetV2B0": _fused("BASE", 32, 224),
    "EfficientNetV2B1": _fused("BASE", 32, 240, 1.0, 1.1),
    "EfficientNetV2B2": _fused("BASE", 32, 260, 1.1, 1.2),
    "EfficientNetV2B3": _fused("BASE", 32, 300, 1.2, 1.4),
    "EfficientNetV2S": _fused("S", 24, 384),
    "EfficientNetV2M": _fused("M", 24, 480),
    "EfficientNetV2L": _fused("L", 32, 480),
    "NASNetMobile": _cells(1056, 4, 32, False, 224),
    "NASNetLarge": _cells(4032, 6, 96, True, 331),
    "ConvNeXtTiny": _next("tiny", 9, 96),
    "ConvNeXtSmall": _next("small", 27, 96),
    "ConvNeXtBase": _next("base", 27, 128),
    "ConvNeXtLarge": _next("large", 27, 192),
    "ConvNeXtXLarge": _next("xlarge", 27, 256),
}


class Application(KerasNetwork):
    """A ready-made network with all of Keras's layers, also those before the first that are left out here.

    It is put together when it is first looked into: a text may list many of them and use one.
    """

    def __init__(self, build: Callable[[], KerasTensor], name: str, line: int, first: tuple[str, ...]):
        self.build, self.first = build, first
        self._inputs: list[KerasTensor] = []
        self._outputs: list[KerasTensor] = []
        super().__init__([], [], name, line)

    @property
    def outputs(self) -> list[KerasTensor]:
        if not self._outputs:
            self._outputs = [self.build()]
            if not self.is_trained:  # said before there were weights
                set_trained(self, False)
        return self._outputs

    @outputs.setter
    def outputs(self, symbols: list[KerasTensor]) -> None:
        self._outputs = symbols

    @property
    def inputs(self) -> list[KerasTensor]:
        return self._inputs or inputs_of(self.outputs[0])

    @inputs.setter
    def inputs(self, symbols: list[KerasTensor]) -> None:
        self._inputs = symbols

    def trained_parts(self) -> list[Any]:
        """Its layers, once they are put together."""
        return self._layers() if self._outputs else []

    def _layers(self) -> list[Any]:
        start, *others = super()._layers()
        return [start, *(Placed(start.symbol, None, name) for name in self.first), *others]


@cache
def _tree() -> ast.Module:
    """The definitions, which belong to no line of the pasted text."""
    whole: tuple[str, ...] = (texts.COMMON, texts.VGG, texts.RESNET, texts.INCEPTION, texts.XCEPTION, texts.MOBILENET)
    whole += (
        efficient.MOBILENET_V3,
        efficient.EFFICIENTNET,
        fused.EFFICIENTNET_V2,
        cells.NASNET,
        convnext.CONVNEXT,
    )
    parsed = ast.parse("".join(whole))
    for node in ast.walk(parsed):
        for name in ("lineno", "end_lineno"):
            if hasattr(node, name):
                setattr(node, name, 0)
    return parsed


def _scope(call: BuiltinCall) -> Scope:
    keras = call.evaluator.roots["keras"].members
    names = {name: keras[name] for name in ("layers", "models")} | {"K": keras["backend"]}
    names["imagenet_utils"] = IMAGENET_UTILS
    scope = Scope(Scope(call.evaluator.builtins, names))
    call.evaluator.execute_all(_tree().body, scope)
    return scope


def _settings(call: BuiltinCall, ready: Ready, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    names = ready.arguments.split()
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    order = inspect.Signature([inspect.Parameter(name, kind, default=DEFAULTS[name]) for name in names])
    kept = {name: value for name, value in kwargs.items() if name not in OLD and (name in names or value != 1)}
    try:
        bound = order.bind(*args, **kept)
    except TypeError as error:
        raise call.fail(f"{error}.") from None
    bound.apply_defaults()
    free = ("input_tensor", "input_shape", "weights", "name")
    return {
        name: one if name in free else call.evaluator.resolve(one, call.node) for name, one in bound.arguments.items()
    }


def _application(key: str) -> Builtin:
    """`keras.applications.ResNet50(include_top=False, pooling="avg")`."""
    ready = READY[key]

    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> KerasNetwork:
        settings = _settings(call, ready, args, kwargs)
        start = _start(call, ready, settings)
        if min(start.shape[1:], default=0) < ready.least:
            raise call.fail(f"{key} takes images of at least {ready.least} cells per side: this one does not fit.")
        is_prepared = settings.get("include_preprocessing", True)
        first = tuple(one for one in ready.first if is_prepared and (one != LEARNED or settings["weights"]))
        names = {**settings, "x": start}
        line = getattr(call.node, "lineno", 1)
        return Application(lambda: _output(call, ready.built, names), str(settings["name"] or key.lower()), line, first)

    return LayerFunction(key, run, needs_call=True)


def _output(call: BuiltinCall, built: str, names: dict[str, Any]) -> KerasTensor:
    """What the expression for a network gives; its definitions belong to no line of the text."""
    expression = ast.parse(built, mode="eval").body
    for node in ast.walk(expression):
        if hasattr(node, "lineno"):
            node.lineno = 0
    try:
        return call.evaluator.evaluate(expression, Scope(_scope(call), names))
    except ParseError as error:
        raise call.fail(str(error).removeprefix("Line 0: ")) from None


def _start(call: BuiltinCall, ready: Ready, settings: dict[str, Any]) -> KerasTensor:
    """The input: a symbol that is given, or a new one."""
    if isinstance(settings["input_tensor"], (KerasTensor, Unknown)):
        return symbol_of(call, settings["input_tensor"])
    sizes = settings["input_shape"]
    first = call.evaluator.channels_first
    usual = (3, ready.side, ready.side) if first else (ready.side, ready.side, 3)
    return input_symbol(call, usual if sizes is None else sizes)


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


FILES = {
    "vgg16": "VGG16", "vgg19": "VGG19", "resnet50": "ResNet50", "resnet": "ResNet50 ResNet101 ResNet152",
    "resnet_v2": "ResNet50V2 ResNet101V2 ResNet152V2", "densenet": "DenseNet121 DenseNet169 DenseNet201",
    "inception_v3": "InceptionV3", "inception_resnet_v2": "InceptionResNetV2", "xception": "Xception",
    "mobilenet": "MobileNet", "mobilenet_v2": "MobileNetV2", "mobilenet_v3": "MobileNetV3Small MobileNetV3Large",
    "efficientnet": " ".join(f"EfficientNetB{number}" for number in range(8)),
    "convnext": " ".join(f"ConvNeXt{size}" for size in ("Tiny", "Small", "Base", "Large", "XLarge")),
    "efficientnet_v2": " ".join(f"EfficientNetV2{size}" for size in ("B0", "B1", "B2", "B3", *"SML")),
    "nasnet": "NASNetMobile NASNetLarge", "imagenet_utils": "",
}  # fmt: skip
BUILT = {key: _application(key) for key in READY}
APPLICATIONS = Namespace("keras.applications", BUILT)
_SCALING = {"preprocess_input": Builtin("preprocess_input", _scaled, needs_call=True)}
IMAGENET_UTILS = Namespace(
    "imagenet_utils",
    {"obtain_input_shape": Builtin("obtain_input_shape", _input_shape, needs_call=True),
     "_obtain_input_shape": Builtin("obtain_input_shape", _input_shape, needs_call=True),
     "correct_pad": Builtin("correct_pad", _correct_pad, needs_call=True),
     **{name: Builtin(name, _nothing, needs_call=True) for name in ("validate_activation",)}, **_SCALING},
)  # fmt: skip
APPLICATIONS.members = {
    **BUILT,
    **{
        file: Namespace(file, {**{key: BUILT[key] for key in keys.split()}, **_SCALING}) for file, keys in FILES.items()
    },
    "imagenet_utils": IMAGENET_UTILS,
}
