"""The modules of Paddle that a text may import from."""

from __future__ import annotations

import builtins
import math
from typing import Any

from torch import nn

from core.parsing.dialects.paddle.array_functions import ARRAYS, FUNCTIONAL_ARRAYS, with_in_place
from core.parsing.dialects.paddle.axis_functions import SPACES
from core.parsing.dialects.paddle.fluid import FLUID
from core.parsing.dialects.paddle.functions import FUNCTIONS, MEMBERS
from core.parsing.dialects.paddle.layer_builders import OtherLayer, builder, class_of
from core.parsing.dialects.paddle.layers import PADDLE, PADS
from core.parsing.dialects.paddle.nets import NETS
from core.parsing.dialects.paddle.parl import PARL
from core.parsing.dialects.paddle.shared_weights import ATTRIBUTE
from core.parsing.dialects.paddle.static_graphs import FLUID_LAYERS, STATIC_LAYERS
from core.parsing.dialects.paddle.static_inputs import DATA
from core.parsing.dialects.paddle.traced import JIT, input_spec, note_specs
from core.parsing.dialects.paddle.transformers import PaddleDecoder, PaddleEncoder, stack, transformer
from core.parsing.dialects.paddle.vision_models import models
from core.parsing.dialects.pytorch.functions import SAME
from core.parsing.dialects.pytorch.functions import functions as torch_functions
from core.parsing.dialects.pytorch.layers import LAYERS as TORCH_LAYERS
from core.parsing.dialects.pytorch.layers import module_dict, module_list, unknown_layer, unwrapped
from core.parsing.dialects.pytorch.namespaces import FUNCTION
from core.parsing.dialects.pytorch.summaries import note_size
from core.parsing.dialects.pytorch.weight_tools import UTILS as TORCH_UTILS
from core.parsing.evaluation.arrays import Array
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, FromPrelude, Namespace, Type, Unknown


def _unknown(call: BuiltinCall, *args: Any, **kwargs: Any) -> Unknown:
    return Unknown(f"what {call.name}(...) returns is not known here", getattr(call.node, "lineno", 1))


def _nothing(call: BuiltinCall, *args: Any, **kwargs: Any) -> None:
    """What changes no network."""


def _initializer(call: BuiltinCall, *args: Any, **kwargs: Any) -> Builtin:
    """A rule for first weights, which changes no shape."""
    return Builtin("initializer", _nothing, needs_call=True)


def _same(call: BuiltinCall, value: Any = None, *args: Any, **kwargs: Any) -> Any:
    """What gives back what it is given."""
    return value


def _variable(call: BuiltinCall, value: Any = None, *args: Any, **kwargs: Any) -> Any:
    """`to_variable(array)`: numbers of the text become a tensor."""
    return call.call(torch_functions()["tensor"], value) if isinstance(value, Array) else value


def _guarded(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
    """`paddle.no_grad()`, around a function or a block."""
    return args[0] if args else SAME


def _normed(parametrize: Builtin) -> Builtin:
    """`weight_norm(layer, dim=0)`, whose axes are those of Paddle's weights: of Linear's, inputs come first."""

    def run(call: BuiltinCall, layer: nn.Module, *args: Any, **kwargs: Any) -> Any:
        named = dict(zip(("name", "dim"), args, strict=False)) | kwargs
        dim = named.get("dim", 0) if parametrize is TORCH_UTILS.members["weight_norm"] else None
        if isinstance(layer, nn.Linear) and dim in (0, 1):
            return call.call(parametrize, layer, dim=1 - dim)
        return call.call(parametrize, layer, **({} if dim is None and "dim" not in named else {"dim": dim}))

    return Builtin(parametrize.name, run, needs_call=True)


def _names(run: Any, names: str) -> dict[str, Any]:
    return {name: Builtin(name, run, needs_call=True) for name in names.split()}


def _model(call: BuiltinCall, network: Any, inputs: Any = None, *args: Any, **kwargs: Any) -> Any:
    """`paddle.Model(network, inputs)`: the network, whose input may be stated; it is not checked before it is used."""
    note_specs(call, None, inputs)
    return unwrapped(call, network)


def _summary(call: BuiltinCall, network: Any, input_size: Any = None, *args: Any, **kwargs: Any) -> None:
    """`paddle.summary(network, (1, 3, 224, 224))`."""
    note_size(call, network, input_size, with_batch=True)


def unknown_paddle(kind: str) -> str:
    """What to say about a name that is no layer of Paddle."""
    return unknown_layer(kind, (*PADDLE, "Sequential"))


_SAME = [
    "Sequential",
    "Parameter",
    "ParameterList",
    "ParameterDict",
]
CELLS = ("LSTMCell", "GRUCell", "SimpleRNNCell", "RNN", "BiRNN")  # and what runs them over the steps
LAYERS: dict[str, Any] = {
    **{kind: Type(kind, (class_of(kind),), builder(kind)) for kind in PADDLE},
    **{kind: TORCH_LAYERS[kind] for kind in _SAME if kind in TORCH_LAYERS},
    "MultiHeadAttention": FromPrelude("PaddleMultiHeadAttention"),
    **{kind: FromPrelude(f"Paddle{kind}") for kind in CELLS},
    "LayerList": Type("LayerList", (nn.ModuleList,), lambda call, sublayers=None: module_list(call, sublayers)),
    "LayerDict": Type("LayerDict", (nn.ModuleDict,), lambda call, sublayers=None: module_dict(call, sublayers)),
    "TransformerEncoder": Type("TransformerEncoder", (nn.TransformerEncoder,), stack(PaddleEncoder)),
    "TransformerDecoder": Type("TransformerDecoder", (nn.TransformerDecoder,), stack(PaddleDecoder)),
    "Transformer": Type("Transformer", (nn.Transformer,), transformer),
    **{kind: FromPrelude(f"Paddle{kind}") for kind in ("Maxout", "HSigmoidLoss")},
    **dict.fromkeys(("Layer", "RNNCellBase"), Type("Layer", (nn.Module,))),
    **{kind: TORCH_LAYERS[kind] for kind in TORCH_LAYERS if kind.endswith("Loss")},
}
FUNCTIONAL = Namespace("F", {**FUNCTIONS, **FUNCTIONAL_ARRAYS})
INITIALIZERS = Namespace(
    "nn.initializer",
    _names(
        _initializer,
        "Constant Normal TruncatedNormal Uniform KaimingNormal KaimingUniform XavierNormal XavierUniform Assign "
        "Orthogonal Dirac Bilinear set_global_initializer",
    ),
)
_BUILD_QUESTIONS = "is_compiled_with_cuda is_compiled_with_rocm is_compiled_with_xpu is_compiled_with_custom_device"
UTILS = Namespace(
    "nn.utils",
    {
        **{name: _normed(TORCH_UTILS.members[name]) for name in ("weight_norm", "spectral_norm")},
        "remove_weight_norm": TORCH_UTILS.members["remove_weight_norm"],
    },
)
_LIKE_PYTORCH = {  # since Paddle 3.3
    **{
        f"{kind}{axes}d": LAYERS[f"{kind.replace('Unpool', 'UnPool')}{axes}D"]
        for kind in ("Conv", "AdaptiveAvgPool", "AdaptiveMaxPool", "MaxUnpool", *PADS)
        for axes in (1, 2, 3)
    },
    "Module": LAYERS["Layer"],
    "ModuleList": LAYERS["LayerList"],
    "ModuleDict": LAYERS["LayerDict"],
}
_SPACES = {"functional": FUNCTIONAL, "initializer": INITIALIZERS, "utils": UTILS}
_CLIPS = _names(_unknown, "ClipGradByGlobalNorm ClipGradByNorm ClipGradByValue")
NN = Namespace("nn", {**_LIKE_PYTORCH, **LAYERS, **_SPACES, **_CLIPS}, unknown_paddle)
_VISION_OPS = {kind: FromPrelude(f"Paddle{kind}") for kind in ("ConvNormActivation", "DeformConv2D")}
_DISTRIBUTIONS = {name: FromPrelude(f"Paddle{name}") for name in ("Normal", "Uniform", "Categorical")} | {
    name: FromPrelude(name) for name in ("Bernoulli", "Beta", "MultivariateNormal", "Independent", "kl_divergence")
}
_FEATURES = {
    kind: FromPrelude(f"Paddle{kind}") for kind in ("Spectrogram", "MelSpectrogram", "LogMelSpectrogram", "MFCC")
}
VISION = models()


def _fluid() -> Namespace:
    """`paddle.fluid`, with `fluid.dygraph` and `fluid.layers`."""
    classes = LAYERS | {kind: Type(kind, (class_of(kind),), builder(kind, FLUID)) for kind in FLUID}
    guard = _names(_same, "guard no_grad") | _names(_variable, "to_variable")
    dygraph = Namespace("fluid.dygraph", {**classes, **guard})
    dygraph.members = {**classes, **guard, **dict.fromkeys(("nn", "base", "container", "layers"), dygraph)}
    attributes = {"ParamAttr": ATTRIBUTE}
    return Namespace(
        "fluid",
        {
            **{kind: classes[kind] for kind in (*FLUID, "Layer")},
            **attributes,
            "dygraph": dygraph,
            "layers": Namespace("fluid.layers", FLUID_LAYERS),
            "nets": Namespace("fluid.nets", NETS),
            "data": DATA,
            "embedding": STATIC_LAYERS["embedding"],
            "param_attr": Namespace("fluid.param_attr", attributes),
            "initializer": INITIALIZERS,
        },
    )


PADDLE_SPACE = Namespace(
    "paddle",
    {
        **with_in_place({**MEMBERS, **ARRAYS}),
        **SPACES,
        **_names(_guarded, "no_grad enable_grad"),
        **_names(_nothing, "set_grad_enabled set_default_dtype set_flags"),
        **_names(lambda call, *args, **kwargs: False, _BUILD_QUESTIONS),
        "in_dynamic_mode": Builtin("in_dynamic_mode", lambda: True),
        "get_default_dtype": Builtin("get_default_dtype", lambda: "float32"),
        "get_device": Builtin("get_device", lambda: "cpu"),
        "distributed": Namespace(
            "paddle.distributed",
            {
                "get_world_size": Builtin("get_world_size", lambda *group: 1),
                "get_rank": Builtin("get_rank", lambda *group: 0),
            },
        ),
        "nn": NN,
        "jit": JIT,
        "vision": Namespace(
            "paddle.vision",
            {**VISION.members, "models": VISION, "ops": Namespace("paddle.vision.ops", _VISION_OPS)},
        ),
        "metric": Namespace(
            "paddle.metric",
            {"accuracy": FLUID_LAYERS["accuracy"], **_names(_unknown, "Accuracy Precision Recall Auc")},
        ),
        "ParamAttr": ATTRIBUTE,
        "Tensor": TORCH_LAYERS["Parameter"],
        "DataParallel": Type("DataParallel", (nn.DataParallel,), lambda call, layers, **how: unwrapped(call, layers)),
        "Model": Builtin("Model", _model, needs_call=True),
        "autograd": Namespace("paddle.autograd", {"PyLayer": FUNCTION}),
        "distribution": Namespace("paddle.distribution", _DISTRIBUTIONS),
        "audio": Namespace("paddle.audio", {"features": Namespace("paddle.audio.features", _FEATURES)}),
        "pi": math.pi,
        "e": math.e,
        "inf": math.inf,
        "nan": math.nan,
        "newaxis": None,
        "to_tensor": torch_functions()["tensor"],
        "static": Namespace(
            "paddle.static",
            {
                **_names(input_spec, "InputSpec"),
                "create_parameter": MEMBERS["create_parameter"],
                "data": DATA,
                "nn": Namespace("paddle.static.nn", STATIC_LAYERS),
            },
        ),
        **_names(_summary, "summary flops"),
        **_names(_nothing, "seed set_device"),
        **dict.fromkeys(("fluid", "base"), _fluid()),
        "framework": Namespace("paddle.framework", {"ParamAttr": ATTRIBUTE}),
        **_names(_nothing, "enable_static disable_static"),
    },
)
_TENSOR_FILES = "attribute creation linalg logic manipulation math random search stat"
PADDLE_SPACE.members = {
    **PADDLE_SPACE.members,
    "tensor": Namespace(
        "paddle.tensor", {**PADDLE_SPACE.members, **dict.fromkeys(_TENSOR_FILES.split(), PADDLE_SPACE)}
    ),
}
_FILES = "common conv norm activation pooling container layer transformer rnn vision loss"
NN.members = {**NN.members, **dict.fromkeys(_FILES.split(), NN)}

_MODEL = {"Model": Type("Model", (nn.Module,), members={"is_made_whole": True})}  # without a call of its constructor
ROOTS: dict[str, Any] = {
    "paddle": PADDLE_SPACE,
    "parl": Namespace(
        "parl",
        {
            **_MODEL,
            "layers": Namespace(
                "parl.layers", FLUID_LAYERS | {kind: Type(kind, (OtherLayer,), builder(kind, PARL)) for kind in PARL}
            ),
            "framework": Namespace("parl.framework", {"model_base": Namespace("parl.framework.model_base", _MODEL)}),
            "core": Namespace("parl.core", {"paddle": Namespace("paddle", {"model": Namespace("model", _MODEL)})}),
        },
    ),
}
NAMES: dict[str, Any] = {
    **LAYERS,
    "paddle": PADDLE_SPACE,
    "nn": NN,
    "F": FUNCTIONAL,
    "fluid": PADDLE_SPACE.members["fluid"],
    **_names(_initializer, "zeros_ ones_ normal_ xavier_uniform_ kaiming_normal_"),  # initializers of a file of its own
}
_CLASSES = {kind: PADDLE_SPACE.members["fluid"].members["dygraph"].members[kind] for kind in FLUID}
OF_FLUID: dict[str, Any] = {  # without their import
    **{name: function for name, function in FLUID_LAYERS.items() if name not in dir(builtins) and name != "data"},
    **_CLASSES,
}
