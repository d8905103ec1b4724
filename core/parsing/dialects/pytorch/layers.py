"""The layers of torch.nn that a text may build, with their arguments checked, and the containers they go into."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from itertools import chain, repeat
from typing import Any

from torch import Tensor, nn

from core.errors import ParseError
from core.layers.blocks import ChannelBias, Parallel, Permute, Residual, Scale
from core.parsing.arguments import built_on, check_arguments, signature
from core.parsing.dialects.pytorch.argument_names import plain_recurrent, recurrent
from core.parsing.dialects.pytorch.parameters import parameter, parameter_dict, parameter_list
from core.parsing.evaluation.calls import REFUSED_BY_TORCH, BuiltinCall, first_line
from core.parsing.evaluation.exceptions import of_python
from core.parsing.evaluation.known import as_number
from core.parsing.evaluation.modules import WRAPPED
from core.parsing.evaluation.values import Builtin, Class, Function, Type, Unknown, type_name
from core.parsing.plan import LayerCall, looks

_FOR_EACH_DIMENSION = """
    Conv ConvTranspose MaxPool MaxUnpool AvgPool AdaptiveAvgPool AdaptiveMaxPool LPPool BatchNorm InstanceNorm Dropout
    ZeroPad ConstantPad ReflectionPad ReplicationPad CircularPad
"""
_OTHERS = """
    Linear Identity Flatten Unflatten GroupNorm LayerNorm RMSNorm LocalResponseNorm CrossMapLRN2d
    Dropout AlphaDropout FeatureAlphaDropout Upsample UpsamplingNearest2d UpsamplingBilinear2d
    PixelShuffle PixelUnshuffle ChannelShuffle Bilinear Fold Unfold CosineSimilarity PairwiseDistance
    ReLU ReLU6 LeakyReLU PReLU RReLU ELU SELU CELU GELU SiLU Mish Softplus Softsign Softshrink Hardshrink Tanhshrink
    Threshold Sigmoid LogSigmoid Tanh Hardtanh Hardswish Hardsigmoid GLU Softmax Softmax2d LogSoftmax Softmin
    LSTM GRU RNN LSTMCell GRUCell RNNCell Embedding EmbeddingBag MultiheadAttention SyncBatchNorm
    FractionalMaxPool2d FractionalMaxPool3d AdaptiveLogSoftmaxWithLoss
"""
_STACKS = [
    "TransformerEncoderLayer",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerDecoder",
    "Transformer",
]
WRITTEN = ("torch.nn", "core.layers")  # packages whose layers a text can name
LEAVES: dict[str, Callable[..., nn.Module]] = {
    name: getattr(nn, name)
    for name in [*(f"{stem}{n}d" for stem in _FOR_EACH_DIMENSION.split() for n in (1, 2, 3)), *_OTHERS.split()]
} | {"Permute": Permute, "Scale": Scale, "ChannelBias": ChannelBias}
LAZY = {name: getattr(nn, name) for name in dir(nn) if name.startswith("Lazy")}
LOSSES = [name for name in dir(nn) if name.endswith("Loss") and name not in LEAVES]  # none of which has weights
REDUCTIONS = ("none", "sum")  # besides the mean
OURS: dict[str, type[nn.Module]] = {"Residual": Residual, "Parallel": Parallel}
CONTAINERS = ("Sequential", "ModuleList", "ModuleDict", "Module", "Parameter")
RECURRENT = ("LSTM", "GRU", "RNN")
ACTIVATION_NAMES = ("relu", "gelu")  # functions that PyTorch takes by name


def unknown_layer(kind: str, known: tuple[str, ...] = ()) -> str:
    """What to say about a name that is no layer: the nearest one that is.

    >>> unknown_layer("Conv2D")
    'there is no layer called Conv2D; the nearest is Conv2d'
    """
    known = known or (*LEAVES, *OURS, *CONTAINERS)
    if kind.startswith("_"):
        return f"{kind[:60]} is not a layer; write one such as nn.Conv2d(3, 16, 3)"
    lowered = {name.lower(): name for name in known}
    near = difflib.get_close_matches(kind[:60].lower(), lowered, n=1, cutoff=0)
    return f"there is no layer called {kind[:60]}; the nearest is {lowered[near[0]] if near else 'Conv2d'}"


def plain_argument(call: BuiltinCall, value: Any, use: str = "") -> Any:
    """A value as PyTorch's constructors take it: lists as tuples, unknown values resolved, numbers by their use."""
    if isinstance(value, Unknown):
        value = (
            call.evaluator.resolve_number(value, use, call.node) if use else call.evaluator.resolve(value, call.node)
        )
    if isinstance(value, (list, tuple)):
        return tuple(plain_argument(call, item, use) for item in call.evaluator.budget.items(value, call.node))
    return _activation(value) if isinstance(value, Builtin) else as_number(value)


def _activation(function: Builtin) -> Any:
    """A function that a transformer takes as its activation: by its name, or as the layer that computes it."""
    name = function.name.rpartition(".")[2]
    layer = next((cls for one, cls in vars(nn).items() if one.lower() == name.replace("_", "")), None)
    return name if name in ACTIVATION_NAMES or layer is None else layer()


def constructed(
    call: BuiltinCall, build: Callable[..., nn.Module], args: Any, kwargs: dict[str, Any], count: int = 1
) -> nn.Module:
    """A layer on the device of the evaluation, paid for; its call is kept where a text can say it again."""
    call.evaluator.budget.layer(call.node, count)
    try:
        module = built_on(call.evaluator.run.device, build, args, kwargs)
        if type(module).__name__ == call.name and type(module).__module__.startswith(WRITTEN):
            line = getattr(call.node, "lineno", 1)
            call.evaluator.calls[module] = LayerCall(call.name, tuple(args), dict(kwargs), line, made=looks(module))
        return module
    except REFUSED_BY_TORCH as error:
        sentence = f"PyTorch rejects this {call.name}: {first_line(error)}"
        raise call.evaluator.fail(call.node, sentence, type(error)) from None


def leaf(kind: str, cls: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
    """The builder of a layer whose arguments are numbers, strings and switches."""

    checked = {"RNN": plain_recurrent}.get(kind, recurrent) if kind in RECURRENT else cls
    uses = list(signature(checked).parameters)

    def build(call: BuiltinCall, *args: Any, **kwargs: Any) -> nn.Module:
        line = getattr(call.node, "lineno", 1)
        args = tuple(
            plain_argument(call, value, use) for value, use in zip(args, chain(uses, repeat("")), strict=False)
        )
        kwargs = {k: plain_argument(call, v, k) for k, v in kwargs.items() if k not in ("device", "dtype")}
        stray = next((v for v in (*args, *kwargs.values()) if isinstance(v, nn.Module)), None)
        if stray is not None:
            inner = type(stray).__name__
            raise ParseError(f"Line {line}: {kind} takes no other layers, but got {inner}; close its bracket first.")
        check_arguments(kind, checked, args, kwargs, line)
        return constructed(call, cls, args, kwargs, kwargs.get("num_layers", 1))

    return build


def stack(kind: str) -> Callable[..., nn.Module]:
    """The builder of a transformer's parts, some of which take layers and copy them."""

    def build(call: BuiltinCall, *args: Any, **kwargs: Any) -> nn.Module:
        cls = getattr(nn, kind)
        args = tuple(plain_argument(call, value) for value in args)
        kwargs = {k: plain_argument(call, v) for k, v in kwargs.items() if k not in ("device", "dtype")}
        try:
            bound = signature(cls).bind(*args, **kwargs).arguments
        except TypeError as error:
            raise call.evaluator.fail(call.node, f"{kind}: {error}.", TypeError) from None
        counts = [v for k, v in bound.items() if k.startswith("num_") and k != "num_heads"]
        if not all(type(count) is int and 0 < count <= 256 for count in counts):
            raise call.fail("the number of layers must be an integer from 1 to 256.")
        inner = next((v for v in args if isinstance(v, nn.Module)), None)
        size = 12 if inner is None else sum(1 for _ in inner.modules())
        if not all(isinstance(v, (nn.Module, int, float, str, bool, type(None))) for v in bound.values()):
            raise call.fail("it takes numbers, switches and layers.")
        return constructed(call, cls, args, kwargs, size * sum(counts or [1]))

    return build


def without_settings(kind: str) -> Callable[..., nn.Module]:
    """The builder of a loss, of which only the reduction changes a shape, and of an Identity, which takes anything."""

    def build(call: BuiltinCall, *args: Any, **kwargs: Any) -> nn.Module:
        reduction = kwargs.get("reduction") if kind in LOSSES else None
        return constructed(call, getattr(nn, kind), (), {"reduction": reduction} if reduction in REDUCTIONS else {})

    return build


def check_layer(call: BuiltinCall, value: Any, owner: str) -> nn.Module:
    """The value itself, if it is a layer."""
    if isinstance(value, Unknown):
        raise value.refusal()
    if isinstance(value, (Class, Type)):
        said = f"{value.name} in {owner} is a class: call it, {value.name}(...)."
        raise call.evaluator.fail(call.node, said, TypeError)
    if not isinstance(value, nn.Module) or type(value).__name__ in LOSSES:
        name = type(value).__name__ if isinstance(value, nn.Module) else ""
        if name:
            raise call.evaluator.fail(call.node, f"{unknown_layer(name)}.")
        what = (
            "a lambda or function"
            if isinstance(value, Function)
            else str(value)[:60]
            if isinstance(value, (int, float, str, bool, type(None)))
            else type_name(value)
        )
        said = f"{owner} takes layers only, but got {what}."
        raise call.evaluator.fail(call.node, said, of_python(TypeError, value))
    return value


def sequential(call: BuiltinCall, *args: Any) -> nn.Sequential:
    """`nn.Sequential(*layers)`, of a list, or of a dictionary of names."""
    if len(args) == 1 and isinstance(args[0], dict):
        return nn.Sequential(_named(call, args[0], "Sequential"))
    if len(args) == 1 and _is_pair(args[0]):
        return nn.Sequential(_named(call, dict(args), "Sequential"))
    items = (
        call.iterate(args[0])
        if len(args) == 1
        and not isinstance(args[0], (nn.Module, Unknown, Class, Type, Function))
        and (isinstance(args[0], (list, tuple)) or hasattr(args[0], "__next__"))
        else list(args)
    )
    if items and all(map(_is_pair, items)):
        return nn.Sequential(_named(call, dict(items), "Sequential"))
    layers = [check_layer(call, item, "Sequential") for item in call.evaluator.budget.items(items, call.node)]
    for layer in layers[:-1]:
        if getattr(layer, "return_indices", False):
            raise call.evaluator.fail(
                call.node,
                f"return_indices of {type(layer).__name__} must be left out: a second output has nowhere to go here.",
            )
    return nn.Sequential(*layers)


def _is_pair(item: Any) -> bool:
    """Whether it is a name and a layer."""
    return isinstance(item, (tuple, list)) and len(item) == 2 and isinstance(item[0], str)


def _named(call: BuiltinCall, layers: dict[Any, Any], owner: str) -> Any:
    from collections import OrderedDict

    for name in layers:
        if not isinstance(name, str) or "." in name or not name:
            raise call.evaluator.fail(
                call.node, f"PyTorch rejects this {owner}: {str(name)[:40]!r} is no name of a layer."
            )
    return OrderedDict((name, check_layer(call, layer, owner)) for name, layer in layers.items())


def module_list(call: BuiltinCall, modules: Any = None) -> nn.ModuleList:
    """`nn.ModuleList(layers)`."""
    given = () if modules is None else call.iterate(modules)
    items: Any = [None if one is None else check_layer(call, one, "ModuleList") for one in given]
    return nn.ModuleList(items)  # PyTorch keeps an empty place, too


def module_dict(call: BuiltinCall, modules: Any = None) -> nn.ModuleDict:
    """`nn.ModuleDict(layers)`."""
    given = {} if modules is None else modules
    pairs = given if isinstance(given, dict) else dict(tuple(call.iterate(pair)) for pair in call.iterate(given))
    return nn.ModuleDict(_named(call, pairs, "ModuleDict"))


def residual(call: BuiltinCall, *body: Any, shortcut: Any = None) -> nn.Module:
    """Our `Residual(*body, shortcut=...)`."""
    layers = [check_layer(call, layer, "Residual") for layer in body]
    if not layers:
        raise call.fail("it is empty; put at least one layer inside.")
    if shortcut is not None and not isinstance(shortcut, nn.Module):
        raise call.fail("the shortcut of Residual must be a layer, or be left out.")
    return Residual(*layers, shortcut=shortcut)


def parallel(call: BuiltinCall, *branches: Any, dim: Any = 1) -> nn.Module:
    """Our `Parallel(*branches, dim=...)`."""
    layers = [check_layer(call, layer, "Parallel") for layer in branches]
    if not layers:
        raise call.fail("it is empty; put at least one layer inside.")
    if type(dim) is not int or not -4 <= dim <= 4:
        raise call.fail(f"dim={str(dim)[:60]} must be the index of a dimension; 1 is the channels.")
    return Parallel(*layers, dim=dim)


class PrintedParts(nn.Module):
    """The parts of a network of which only `print(model)` is known: they can be counted, but not run."""

    def __init__(self, parts: dict[str, nn.Module], line: int):
        super().__init__()
        self.line = line
        for name, part in parts.items():
            self.add_module(name, part)

    def forward(self, x: Tensor) -> Tensor:
        total = sum(p.numel() for p in self.parameters())
        raise ParseError(
            f"Line {self.line}: a printed class does not say how its parts are connected; they have {total:,} "
            "parameters: paste the code of the class, or write the parts as nn.Sequential, Residual and Parallel."
        )


def printed_parts(call: BuiltinCall, layers: Any) -> nn.Module:
    """What a printed class is read as. Raises: ParseError where not even parameters can be counted."""
    line = getattr(call.node, "lineno", 1)
    module = PrintedParts(_named(call, layers, "printed class"), line)
    if not any(True for _ in module.parameters()):
        raise ParseError(
            f"Line {line}: a printed class does not say how its parts are connected: paste its Sequential parts, or "
            "write them as nn.Sequential, Residual(...) and Parallel(...)."
        )
    return module


def unwrapped(call: BuiltinCall, module: Any, *args: Any, **kwargs: Any) -> Any:
    """What wraps a network without changing what it computes: DataParallel, torch.compile, jit.script."""
    if isinstance(module, nn.Module):
        module.__dict__[WRAPPED] = True
    return module


def _synchronized(call: BuiltinCall, module: Any, *args: Any, **kwargs: Any) -> Any:
    """`SyncBatchNorm.convert_sync_batchnorm(net)`: the same weights under the same names."""
    return module


LAYERS: dict[str, Type] = {
    **{kind: Type(kind, (cls,), leaf(kind, cls)) for kind, cls in (LEAVES | LAZY).items() if isinstance(cls, type)},
    **{kind: Type(kind, (getattr(nn, kind),), stack(kind)) for kind in _STACKS},
    **{kind: Type(kind, (getattr(nn, kind),), without_settings(kind)) for kind in (*LOSSES, "Identity")},
    "Residual": Type("Residual", (Residual,), residual),
    "Parallel": Type("Parallel", (Parallel,), parallel),
    "Sequential": Type("Sequential", (nn.Sequential,), sequential),
    "ModuleList": Type("ModuleList", (nn.ModuleList,), module_list),
    "ModuleDict": Type("ModuleDict", (nn.ModuleDict,), module_dict),
    "Parameter": Type("Parameter", (nn.Parameter,), parameter),
    "ParameterList": Type("ParameterList", (nn.ParameterList,), parameter_list),
    "ParameterDict": Type("ParameterDict", (nn.ParameterDict,), parameter_dict),
    "Module": Type("Module", (nn.Module,)),
    "PrintedParts": Type("PrintedParts", (PrintedParts,), printed_parts),
    "DataParallel": Type("DataParallel", (nn.DataParallel,), unwrapped),
}
LAYERS["SyncBatchNorm"].members = {
    "convert_sync_batchnorm": Builtin("convert_sync_batchnorm", _synchronized, needs_call=True)
}
