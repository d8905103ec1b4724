"""The modules that a text may import from: torch, torch.nn, torch.nn.functional, torchvision.models and their kind."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import torch
from torch import Tensor, nn

from core.parsing.dialects.pytorch import (
    functions,
    helpers,
    inner_modules,
    layers,
    packing,
    presets,
    quantization,
    rearranging,
    summaries,
    torchvision_networks,
    typed_tensors,
)
from core.parsing.dialects.pytorch.feature_extraction import FEATURE_EXTRACTION
from core.parsing.dialects.pytorch.function_names import FFT
from core.parsing.dialects.pytorch.functions import CHECKPOINTS, FREQUENCIES, SAME, tensor_function
from core.parsing.dialects.pytorch.numpy_functions import NUMPY
from core.parsing.dialects.pytorch.numpy_linear import SCIPY
from core.parsing.dialects.pytorch.parameters import buffer
from core.parsing.dialects.pytorch.preludes import fastai, prelude
from core.parsing.dialects.pytorch.tensors import TENSOR
from core.parsing.dialects.pytorch.torch_state import STATE
from core.parsing.dialects.pytorch.weight_tools import UTILS
from core.parsing.evaluation.calls import BuiltinCall, flat
from core.parsing.evaluation.library.standard import STANDARD
from core.parsing.evaluation.values import Builtin, FromPrelude, Namespace, Type

UNWRAPPED = Builtin("wrapped", layers.unwrapped, needs_call=True)


def _nothing(call: BuiltinCall, *args: Any, **kwargs: Any) -> None:
    """What changes no network: seeds, switches, gradients on or off."""


def _first(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
    """Draws first weights, which change no shape: the tensor itself."""
    return args[0] if args else next(iter(kwargs.values()), None)


def _decorator(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
    call.evaluator.note_input(flat([*args, *kwargs.values()]))
    return args[0] if args else SAME


def _false(call: BuiltinCall, *args: Any, **kwargs: Any) -> bool:
    return False


def _device(call: BuiltinCall, *args: Any, **kwargs: Any) -> torch.device:
    return torch.device("cpu")


def _size(call: BuiltinCall, sizes: Any = ()) -> torch.Size:
    return torch.Size(call.iterate(sizes))


def _drop_path(call: BuiltinCall, drop_prob: Any = 0.0, *args: Any, **kwargs: Any) -> nn.Module:
    """Stochastic depth: nothing is dropped in evaluation, and no shape changes."""
    return layers.constructed(call, nn.Identity, (), {})


def _builtins(run: Any, names: str) -> dict[str, Any]:
    return {name: Builtin(name, run, needs_call=True) for name in names.split()}


_INIT = " ".join(name for name, one in vars(nn.init).items() if isinstance(one, FunctionType) and name[:1] != "_")
_FANS = ("_calculate_fan_in_and_fan_out", "_calculate_correct_fan", "calculate_gain")
FUNCTIONAL = Namespace("F", functions.functional())
INIT = Namespace("nn.init", _builtins(_first, _INIT) | {name: Builtin(name, getattr(nn.init, name)) for name in _FANS})
PARALLEL = Namespace("nn.parallel", {"DistributedDataParallel": UNWRAPPED, "DataParallel": UNWRAPPED})
layers.LAYERS["Embedding"].members = layers.LAYERS["EmbeddingBag"].members = helpers.EMBEDDING_MEMBERS
layers.LAYERS["Module"].build = helpers.bare_module
layers.LAYERS["Buffer"] = Type("Buffer", (nn.Buffer,), buffer)
layers.LAYERS["Transformer"].members = {helpers.CAUSAL_MASK.name: helpers.CAUSAL_MASK}
NN = Namespace(
    "nn",
    {
        **layers.LAYERS,
        "quantized": helpers.QUANTIZED,
        "functional": FUNCTIONAL,
        "init": INIT,
        "utils": UTILS,
        "parallel": PARALLEL,
    },
)
NN.members = {
    **NN.members,
    **{name: one for name, one in inner_modules.BASES.items() if not name.startswith("_")},
    "modules": inner_modules.inner(NN, layers.unknown_layer),
    "parameter": Namespace("nn.parameter", {"Parameter": layers.LAYERS["Parameter"]}),
}
NN.sentence = layers.unknown_layer
NN.real, FUNCTIONAL.real = nn, nn.functional
TENSOR_TYPE = Type("Tensor", (Tensor,), functions.SIZED)
TENSOR_TYPE.members = {name: one for name, one in TENSOR.items() if isinstance(one, Builtin)}
_VARIABLE = _builtins(_first, "Variable")
FUNCTION = Type("Function", (torch.autograd.Function,))
CUDA = Namespace(
    "torch.cuda",
    {
        **_builtins(_false, "is_available is_bf16_supported"),
        **_builtins(_nothing, "empty_cache manual_seed synchronize"),
        "device_count": Builtin("device_count", lambda: 0),
        **typed_tensors.CUDA_TYPES,
        "amp": Namespace("amp", _builtins(_decorator, "autocast")),
    },
)
TORCH = Namespace(
    "torch",
    {
        **functions.functions(),
        **typed_tensors.TYPES,
        **STATE,
        **_builtins(_decorator, "no_grad inference_mode enable_grad"),
        "vmap": functions.VMAP,
        "func": Namespace("torch.func", {"vmap": functions.VMAP}),
        "compile": UNWRAPPED,
        "device": Type("device", (torch.device,), _device),
        "Size": Type("Size", (torch.Size,), _size),
        "Tensor": TENSOR_TYPE,
        "nn": NN,
        "cuda": CUDA,
        "jit": Namespace(
            "torch.jit",
            {
                **_builtins(
                    _decorator, "script trace export ignore unused script_method freeze optimize_for_inference"
                ),
                "annotate": Builtin("torch.jit.annotate", lambda call, kind, value: value, needs_call=True),
                "ScriptModule": layers.LAYERS["Module"],
                **_builtins(_false, "is_scripting is_tracing"),
            },
        ),
        "onnx": Namespace("torch.onnx", _builtins(_false, "is_in_onnx_export")),
        "compiler": Namespace("torch.compiler", _builtins(_false, "is_compiling is_dynamo_compiling is_exporting")),
        "_dynamo": Namespace("torch._dynamo", _builtins(_false, "is_compiling")),
        "_C": Namespace(
            "torch._C",
            _builtins(_false, "_get_tracing_state is_tracing") | _builtins(_nothing, "_log_api_usage_once"),
        ),
        "fft": Namespace(
            "torch.fft",
            {**{name: tensor_function(name, getattr(torch.fft, name)) for name in FFT.split()}, **FREQUENCIES},
        ),
        "autograd": Namespace("torch.autograd", {**_VARIABLE, "Function": FUNCTION}),
        "linalg": Namespace("torch.linalg", functions.linear_algebra()),
        "lu": functions.linear_algebra()["lu_factor"],
        "sparse": Namespace("torch.sparse", functions.sparse() | {"FloatTensor": functions.SPARSE_TENSOR}),
        "special": Namespace("torch.special", functions.special()),
        "utils": Namespace(
            "torch.utils",
            {
                "checkpoint": Namespace("checkpoint", CHECKPOINTS),
                "model_zoo": helpers.MODEL_ZOO,
            },
        ),
        "distributions": helpers.DISTRIBUTIONS,
        "quantization": quantization.QUANTIZATION,
        "ao": Namespace(
            "torch.ao",
            {"quantization": quantization.QUANTIZATION, "nn": Namespace("nn", {"quantized": helpers.QUANTIZED})},
        ),
        "hub": helpers.HUB,
        "load": helpers.STORED["load"],
    },
)
_TIMM = {
    "DropPath": Builtin("DropPath", _drop_path, needs_call=True),
    "trunc_normal_": INIT.members["trunc_normal_"],
    **{f"to_{n}tuple": inner_modules.repeated(f"to_{n}tuple", n) for n in (1, 2, 3, 4)},
    **_builtins(_decorator, "register_model"),
}
_PRELUDE = {name: FromPrelude(name) for name in prelude.NAMES}
_TIMM |= {"make_divisible": _PRELUDE["make_divisible"]}
_TIMM_LAYERS = Namespace(
    "timm.layers",
    _TIMM
    | helpers.TIMM_GATES
    | {name: helpers.TIMM[name] for name in ("LayerScale", "Mlp", "PatchEmbed", "LayerNorm2d", "SelectAdaptivePool2d")}
    | _builtins(_nothing, "_assert")
    | {"to_ntuple": Builtin("to_ntuple", lambda n: inner_modules.repeated(f"to_{n}tuple", n))},
)
_TIMM_PARTS = ["drop", "mlp", "patch_embed", "norm", "helpers", "weight_init", "trace_utils", "adaptive_avgmax_pool"]
_TIMM_PARTS += ["squeeze_excite", "eca", "layer_scale", "grn", "create_act"]
_TIMM_LAYERS.members = {**_TIMM_LAYERS.members, **dict.fromkeys(_TIMM_PARTS, _TIMM_LAYERS)}
_TIMM_BUILDERS = ["build_model_with_cfg", "generate_default_cfgs", "named_apply", "checkpoint_seq"]
_TIMM_MODULES = ["registry", "helpers", "_registry", "_builder", "_manipulate"]
_TIMM_BUILDING = Namespace("timm.models.helpers", _TIMM | {name: helpers.TIMM[name] for name in _TIMM_BUILDERS})
_UTILS = Namespace(
    "torchvision.models._utils",
    {
        **{
            name: value for name, value in _PRELUDE.items() if name.startswith("_") or name == "IntermediateLayerGetter"
        },
        **_builtins(_decorator, "handle_legacy_interface kwonly_to_pos_or_kw"),
    },
)
_OPS: dict[str, Any] = {
    name: value
    for name, value in _PRELUDE.items()
    if name[0].isupper() and "Argument" not in name and not name.startswith(("Paddle", "Downscaled"))
}
_OPS |= {"StochasticDepth": _TIMM["DropPath"], "stochastic_depth": Builtin("stochastic_depth", _first, needs_call=True)}
OPS = Namespace("torchvision.ops", _OPS)
OPS.members = {**_OPS, **dict.fromkeys(("misc", "stochastic_depth"), OPS)}
MODELS = Namespace("torchvision.models", presets.torchvision())
_DEFINED: dict[str, dict[str, Any]] = {
    module: {name: FromPrelude(inner) for name, inner in names.items()}
    for module, names in torchvision_networks.CLASSES.items()
}
_HEADS = {
    module: {name: FromPrelude(name) for name in names}
    for module, names in torchvision_networks.segmentation.CLASSES.items()
}
_SEGMENTATION = Namespace(
    "segmentation",
    {
        "_utils": _UTILS,
        **{module: Namespace(module, {**one, **presets.SEGMENTATION}) for module, one in _HEADS.items()},
        **{name: FromPrelude(name) for name in ("FCN", "DeepLabV3", "LRASPP")},
        **presets.SEGMENTATION,
    },
)
MODELS.members = {
    **{name: one for names in _DEFINED.values() for name, one in names.items() if name in torchvision_networks.PUBLIC},
    **{
        module: Namespace(f"torchvision.models.{module}", {**MODELS.members, **one}) for module, one in _DEFINED.items()
    },
    **MODELS.members,  # a function hides the module of its name, as in torchvision
    "_utils": _UTILS,
    "feature_extraction": FEATURE_EXTRACTION,
    "segmentation": _SEGMENTATION,
    "_api": Namespace("_api", {"WeightsEnum": _PRELUDE["WeightsEnum"], **_builtins(_decorator, "register_model")}),
}
_FASTAI_LAYERS = {name: FromPrelude(inner) for name, inner in fastai.LAYERS.items()}
FASTAI = Namespace("fastai", _FASTAI_LAYERS)
FASTAI.members = {  # every module hands them all on
    **_FASTAI_LAYERS,
    **dict.fromkeys(("all", "basics", "imports", "layers", "learner", "vision", "text", "tabular", "data"), FASTAI),
}
ROOTS: dict[str, Any] = {
    **STANDARD,
    "numpy": NUMPY,
    "scipy": SCIPY,
    **summaries.ROOTS,
    "torch": TORCH,
    "torchvision": Namespace("torchvision", {
        "models": MODELS, "ops": OPS, "transforms": helpers.TRANSFORMS, "utils": Namespace("torchvision.utils", {
            **_builtins(_nothing, "_log_api_usage_once"), "_make_ntuple": _PRELUDE["_make_ntuple"]})}),
    "torchaudio": helpers.AUDIO,
    "einops": rearranging.EINOPS,
    "fastai": FASTAI,
    "timm": Namespace("timm", {
        "create_model": Builtin("create_model", presets.timm, needs_call=True),
        "models": Namespace("timm.models", {
            "layers": _TIMM_LAYERS, **dict.fromkeys(_TIMM_MODULES, _TIMM_BUILDING), **_TIMM_BUILDING.members,
            "vision_transformer": Namespace("timm.models.vision_transformer", helpers.TIMM)}),
        "layers": _TIMM_LAYERS,
    }),
    "core": Namespace("core", {"layers": Namespace("layers", {"blocks": Namespace("blocks", layers.LAYERS)})}),
}  # fmt: skip
NAMES: dict[str, Any] = {
    **layers.LAYERS,
    "torch": TORCH,
    "nn": NN,
    "F": FUNCTIONAL,
    "functional": FUNCTIONAL,
    "Tensor": TENSOR_TYPE,
    "math": STANDARD["math"],
    "np": NUMPY,
    "numpy": NUMPY,
    "copy": STANDARD["copy"],
    "os": STANDARD["os"],
    "itertools": STANDARD["itertools"],
    "functools": STANDARD["functools"],
    "collections": STANDARD["collections"],
    "OrderedDict": STANDARD["collections"].members["OrderedDict"],
    "partial": STANDARD["functools"].members["partial"],
    "deepcopy": STANDARD["copy"].members["deepcopy"],
    "models": MODELS,
    "torchvision": ROOTS["torchvision"],
    **{name: MODELS.members[name] for name in presets.torchvision()},  # whose import is missing
    "torchaudio": helpers.AUDIO,
    "DropPath": _TIMM["DropPath"],
    "trunc_normal_": INIT.members["trunc_normal_"],
    **{name: _TIMM[name] for name in ("to_2tuple", "to_3tuple")},
    "init": INIT,
    **packing.FUNCTIONS,
    "summary": summaries.SUMMARY,
    **_VARIABLE,
    "einops": rearranging.EINOPS,
    **rearranging.FUNCTIONS,
    **rearranging.LAYERS,
    "reduce": STANDARD["functools"].members["reduce"],
    "_log_api_usage_once": Builtin("_log_api_usage_once", _nothing, needs_call=True),
}
RELATIVES = ("torchvision", "torchvision.models", "torchvision.models.segmentation", "timm", "timm.models")
