"""The constructors that text may name, and how a plan becomes a module."""

from __future__ import annotations

import difflib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from core.errors import ParseError
from core.layers.blocks import Parallel, Permute, Residual, Scale
from core.parsing.arguments import check_arguments, signature
from core.parsing.materialize import MAX_REAL_PARAMETERS
from core.parsing.plan import LayerCall, count_layers

MAX_PARAMETERS = 100_000_000_000

_FOR_EACH_DIMENSION = """
    Conv ConvTranspose MaxPool AvgPool AdaptiveAvgPool AdaptiveMaxPool LPPool BatchNorm InstanceNorm Dropout
    ZeroPad ConstantPad ReflectionPad ReplicationPad CircularPad
"""
_OTHERS = """
    Linear Identity Flatten Unflatten GroupNorm LayerNorm RMSNorm LocalResponseNorm
    Dropout AlphaDropout FeatureAlphaDropout Upsample UpsamplingNearest2d UpsamplingBilinear2d
    PixelShuffle PixelUnshuffle ChannelShuffle
    ReLU ReLU6 LeakyReLU PReLU RReLU ELU SELU CELU GELU SiLU Mish Softplus Softsign Softshrink Hardshrink Tanhshrink
    Threshold Sigmoid LogSigmoid Tanh Hardtanh Hardswish Hardsigmoid GLU Softmax Softmax2d LogSoftmax Softmin
"""

LEAVES: dict[str, Callable[..., nn.Module]] = {
    name: getattr(nn, name)
    for name in [*(f"{stem}{n}d" for stem in _FOR_EACH_DIMENSION.split() for n in (1, 2, 3)), *_OTHERS.split()]
} | {"Permute": Permute, "Scale": Scale}
CONTAINERS: dict[str, Callable[..., nn.Module]] = {
    "Sequential": nn.Sequential,
    "Residual": Residual,
    "Parallel": Parallel,
}


def checked(kind: str, args: tuple, kwargs: Mapping[str, Any], line: int) -> LayerCall:
    """A layer of the plan whose name and arguments are known to be good.

    Raises: ParseError for an unknown name (with the nearest known one) or arguments that the layer does not take.

    >>> checked("Conv2d", (3, 8, 3), {}, line=1).kind
    'Conv2d'
    """
    if kind in CONTAINERS:
        return _checked_container(kind, args, kwargs, line)
    if kind not in LEAVES:
        raise ParseError(f"Line {line}: {unknown(kind)}")
    stray = next((v for v in (*args, *kwargs.values()) if isinstance(v, LayerCall)), None)
    if stray is not None:
        raise ParseError(f"Line {line}: {kind} takes no other layers, but got {stray.kind}; close its bracket first.")
    check_arguments(kind, LEAVES[kind], args, kwargs, line)
    return LayerCall(kind, args, dict(kwargs), line)


def unknown(kind: str, known: tuple[str, ...] | None = None) -> str:
    """What to say about a name that is no layer: the nearest one that is.

    >>> unknown("Conv2D")
    'there is no layer called Conv2D; the nearest is Conv2d.'
    """
    known = known or (*LEAVES, *CONTAINERS)
    if kind.startswith("_"):
        return f"{kind[:60]} is not a layer; write one such as nn.Conv2d(3, 16, 3)."
    if kind.startswith("Lazy") and kind[4:] in known:
        return f"{kind} infers its input size only when it runs: write nn.{kind[4:]} with the input size first."
    lowered = {name.lower(): name for name in known}
    near = difflib.get_close_matches(kind[:60].lower(), lowered, n=1, cutoff=0)
    return f"there is no layer called {kind[:60]}; the nearest is {lowered[near[0]] if near else 'Conv2d'}."


def _checked_container(kind: str, args: tuple, kwargs: Mapping[str, Any], line: int) -> LayerCall:
    allowed = {"Sequential": (), "Residual": ("shortcut",), "Parallel": ("dim",)}[kind]
    for name in kwargs:
        if name not in allowed:
            raise ParseError(f"Line {line}: {kind} takes layers, not `{name}=`.")
    if not args:
        raise ParseError(f"Line {line}: {kind} is empty; put at least one layer inside.")
    for value in args:
        if not isinstance(value, LayerCall):
            raise ParseError(f"Line {line}: {kind} takes layers only, but got {str(value)[:60]}.")
    if "shortcut" in kwargs and not isinstance(kwargs["shortcut"], LayerCall):
        raise ParseError(f"Line {line}: the shortcut of Residual must be a layer, or be left out.")
    if type(kwargs.get("dim", 1)) is not int or not -4 <= kwargs.get("dim", 1) <= 4:
        raise ParseError(
            f"Line {line}: dim={str(kwargs['dim'])[:60]} of Parallel must be the index of a dimension; 1 is "
            "the channels."
        )
    return LayerCall(kind, args, dict(kwargs), line)


def build(root: LayerCall, device: str = "meta") -> nn.Module:
    """The module that a plan describes. On `meta` it has shapes and no memory.

    Raises: ParseError for more layers or parameters than the caps allow, or where PyTorch itself refuses.
    """
    count_layers(root)
    module = _build(root, "meta", {})
    total = sum(p.numel() for p in module.parameters())
    cap = MAX_PARAMETERS if device == "meta" else MAX_REAL_PARAMETERS
    if total > cap:
        raise ParseError(f"The network has {total:,} parameters; at most {cap:,} are accepted.")
    return module if device == "meta" else _build(root, device, {})


def _build(layer: LayerCall, device: str, built: dict[LayerCall, nn.Module]) -> nn.Module:
    if layer in built:
        return built[layer]
    args: list[Any] = [_build(v, device, built) if isinstance(v, LayerCall) else v for v in layer.args]
    if layer.names:
        args = [OrderedDict(zip(layer.names, args, strict=True))]
    kwargs = {k: _build(v, device, built) if isinstance(v, LayerCall) else v for k, v in layer.kwargs.items()}
    constructor = CONTAINERS.get(layer.kind) or LEAVES[layer.kind]
    if "device" in signature(constructor).parameters:
        kwargs["device"] = torch.device(device)
    try:
        module = constructor(*args, **kwargs)
    except (TypeError, ValueError, RuntimeError, OverflowError, AssertionError, KeyError, NotImplementedError) as error:
        raise ParseError(f"Line {layer.line}: PyTorch rejects this {layer.kind}: {_first_line(error)}") from None
    built[layer] = module
    return module


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:200] or type(error).__name__
