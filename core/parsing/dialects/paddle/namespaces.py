"""The modules of Paddle that a text may import from."""

from __future__ import annotations

from typing import Any

from torch import nn

from core.errors import ParseError
from core.parsing.arguments import signature
from core.parsing.dialects.paddle.functions import FUNCTIONS, MEMBERS
from core.parsing.dialects.paddle.layers import PADDLE
from core.parsing.dialects.pytorch import presets
from core.parsing.dialects.pytorch.layers import LAYERS as TORCH_LAYERS
from core.parsing.dialects.pytorch.layers import plain_argument, unknown_layer
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, FromLibrary, Namespace, Type, Unknown

IGNORED = ("name", "data_format", "weight_attr", "param_attr", "bias_attr", "dtype")
ATTRIBUTES = (("weight_attr", "weight"), ("param_attr", "weight"), ("bias_attr", "bias"))


def _builder(kind: str) -> Any:
    def build(call: BuiltinCall, *args: Any, **kwargs: Any) -> nn.Module:
        line = getattr(call.node, "lineno", 1)
        if kind == "Dropout" and kwargs.get("mode") == "downscale_in_infer":
            kept = {name: value for name, value in kwargs.items() if name not in ("mode", "name")}
            return call.call(call.evaluator.from_library("DownscaledDropout"), *args, **kept)
        values = [plain_argument(call, value) for value in args]
        settings = {k: plain_argument(call, v) for k, v in kwargs.items() if k not in IGNORED}
        for attribute, name in ATTRIBUTES:
            if kwargs.get(attribute) is False:
                settings[name] = False
        try:
            signature(PADDLE[kind]).bind(*values, **settings)
            parts = PADDLE[kind](*values, **settings)
        except TypeError as error:
            raise ParseError(f"Line {line}: {kind}: {error}.") from None
        except ParseError as error:
            raise ParseError(f"Line {line}: {kind}: {error}") from None
        layers = [call.call(TORCH_LAYERS[part.kind], *part.args, **part.kwargs) for part in parts]
        return layers[0] if len(layers) == 1 else nn.Sequential(*layers)

    return build


def _unknown(call: BuiltinCall, *args: Any, **kwargs: Any) -> Unknown:
    return Unknown(f"what {call.name}(...) returns is not known here", getattr(call.node, "lineno", 1))


def _nothing(call: BuiltinCall, *args: Any, **kwargs: Any) -> None:
    """What changes no network."""


def _names(run: Any, names: str) -> dict[str, Any]:
    return {name: Builtin(name, run, needs_call=True) for name in names.split()}


def unknown_paddle(kind: str) -> str:
    """What to say about a name that is no layer of Paddle."""
    return unknown_layer(kind, (*PADDLE, "Sequential"))


_SAME = [
    "Sequential",
    "Parameter",
    "Embedding",
    "LSTM",
    "GRU",
    "Bilinear",
    "CosineSimilarity",
    "MultiHeadAttention",
    "TransformerEncoder",
]
LAYERS: dict[str, Any] = {
    **{kind: Type(kind, (nn.Module,), _builder(kind)) for kind in PADDLE},
    **{kind: TORCH_LAYERS[kind] for kind in _SAME if kind in TORCH_LAYERS},
    "LayerList": TORCH_LAYERS["ModuleList"],
    "LayerDict": TORCH_LAYERS["ModuleDict"],
    "ParameterList": TORCH_LAYERS["ParameterList"],
    "Layer": Type("Layer", (nn.Module,)),
    **{kind: TORCH_LAYERS[kind] for kind in TORCH_LAYERS if kind.endswith("Loss")},
}
FUNCTIONAL = Namespace("F", FUNCTIONS)
INITIALIZERS = Namespace(
    "nn.initializer", _names(_unknown, "Constant Normal KaimingNormal KaimingUniform XavierUniform")
)
NN = Namespace("nn", {**LAYERS, "functional": FUNCTIONAL, "initializer": INITIALIZERS}, unknown_paddle)
_LIBRARY = {name: FromLibrary(name) for name in ("_make_divisible",)}
_CONV_NORM = {"ConvNormActivation": FromLibrary("PaddleConvNormActivation")}
VISION = Namespace("paddle.vision.models", {**presets.torchvision(), "_utils": Namespace("_utils", _LIBRARY)})
PADDLE_SPACE = Namespace(
    "paddle",
    {
        **MEMBERS,
        "nn": NN,
        "vision": Namespace("paddle.vision", {"models": VISION, "ops": Namespace("paddle.vision.ops", _CONV_NORM)}),
        "ParamAttr": Builtin("ParamAttr", _unknown, needs_call=True),
        "Tensor": TORCH_LAYERS["Parameter"],
        "DataParallel": TORCH_LAYERS["DataParallel"],
        **_names(_nothing, "seed set_device summary"),
        "fluid": Namespace("fluid", {"dygraph": Namespace("dygraph", {**LAYERS})}),
    },
)
_FILES = ["common", "conv", "norm", "activation", "pooling", "container", "layer"]
NN.members = {**NN.members, "layer": NN, **dict.fromkeys(_FILES, NN)}
ROOTS: dict[str, Any] = {"paddle": PADDLE_SPACE}
NAMES: dict[str, Any] = {
    **LAYERS,
    "paddle": PADDLE_SPACE,
    "nn": NN,
    "F": FUNCTIONAL,
    "fluid": PADDLE_SPACE.members["fluid"],
}
