"""einops: `rearrange`, `reduce` and `repeat`, and the layers of the same kind. Its patterns are data, not code."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import einops
from einops.layers import torch as einops_layers
from torch import Tensor, nn

from core.parsing.dialects.pytorch.functions import checked_result, checked_size, plain_values
from core.parsing.dialects.pytorch.layers import constructed
from core.parsing.evaluation.budget import TENSOR_STEPS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Namespace, Type, is_symbol

MAX_PATTERN = 200  # letters
REDUCTIONS = ("mean", "sum", "max", "min", "prod", "any", "all")


def _checked(call: BuiltinCall, pattern: Any, axes: dict[str, Any]) -> dict[str, int]:
    """Lengths of axes, resolved. Raises: ParseError for what is no pattern or no length."""
    if not isinstance(pattern, str) or len(pattern) > MAX_PATTERN:
        raise call.fail(f"its pattern must be a string of at most {MAX_PATTERN} letters.")
    lengths = {name: call.evaluator.resolve(value, call.node) for name, value in axes.items()}
    for name, length in lengths.items():
        if type(length) is not int or length < 1:
            raise call.fail(f"{name}={str(length)[:40]} must be an integer from 1.")
    return lengths


def _function(name: str) -> Builtin:
    function: Callable[..., Any] = getattr(einops, name)

    def run(call: BuiltinCall, tensor: Any, pattern: Any, *how: Any, **axes: Any) -> Any:
        lengths = _checked(call, pattern, {k: v for k, v in axes.items() if k != "reduction"})
        how = tuple(how) or tuple(axes[k] for k in ("reduction",) if k in axes)
        if any(one not in REDUCTIONS for one in how):
            raise call.fail(f"it reduces by one of {', '.join(REDUCTIONS)}.")
        if is_symbol(tensor):
            return call.evaluator.apply_to_symbols(function, tensor, pattern, *how, name=name, **lengths)
        (value,), _ = plain_values(call, (tensor,), {})
        parts = value if isinstance(value, (list, tuple)) else [value]
        if not parts or not all(isinstance(part, Tensor) for part in parts):
            raise call.fail("it takes a tensor or a list of them.")
        if name == "repeat":
            checked_size(call, float(sum(part.numel() for part in parts)) * math.prod(lengths.values()))
        return checked_result(call, function(value, pattern, *how, **lengths))

    return Builtin(f"einops.{name}", run, needs_call=True, pays=2 * TENSOR_STEPS)


def _layer(name: str) -> Type:
    cls: type[nn.Module] = getattr(einops_layers, name)

    def build(call: BuiltinCall, pattern: Any, *how: Any, **axes: Any) -> nn.Module:
        lengths = _checked(call, pattern, {k: v for k, v in axes.items() if k != "reduction"})
        how = tuple(how) or tuple(axes[k] for k in ("reduction",) if k in axes)
        if any(one not in REDUCTIONS for one in how):
            raise call.fail(f"it reduces by one of {', '.join(REDUCTIONS)}.")
        layer = constructed(call, cls, (pattern, *how), dict(lengths))
        call.evaluator.calls.pop(layer, None)  # not one of the layers that a plan can be written with
        return layer

    return Type(name, (cls,), build)


def _with_pattern_last(name: str) -> Builtin:
    function: Callable[..., Any] = getattr(einops, name)

    def run(call: BuiltinCall, *args: Any) -> Any:
        values, _ = plain_values(call, args, {})
        if not isinstance(values[-1], str) or len(values[-1]) > MAX_PATTERN:
            raise call.fail(f"its pattern must be a string of at most {MAX_PATTERN} letters.")
        return checked_result(call, function(*values))

    return Builtin(f"einops.{name}", run, needs_call=True, pays=2 * TENSOR_STEPS)


def _mix(call: BuiltinCall, pattern: Any, weight_shape: Any, bias_shape: Any = None, **axes: Any) -> nn.Module:
    """`EinMix("b t c -> b t o", weight_shape="c o", c=4, o=6)`: a linear layer over axes that are named."""
    for one in (weight_shape, bias_shape or ""):
        _checked(call, one, {})
    lengths = _checked(call, pattern, axes)
    call.evaluator.budget.layer(call.node, 1)
    checked_size(call, math.prod(lengths.values()))
    with call.evaluator.run.device:
        layer: nn.Module = einops_layers.EinMix(pattern, weight_shape, bias_shape, **lengths)
    return layer


def _shape_by_name(call: BuiltinCall, tensor: Any, pattern: Any) -> dict[str, int]:
    """`parse_shape(x, "b c h w")["c"]`."""
    _checked(call, pattern, {})
    sizes = call.evaluator.get_attribute(tensor, "shape", call.node)
    names = pattern.split()
    if len(names) != len(sizes):
        raise call.fail(f"{len(names)} axes are named, and there are {len(sizes)}.")
    return {name: size for name, size in zip(names, sizes, strict=True) if name != "_"}


FUNCTIONS = {name: _function(name) for name in ("rearrange", "reduce", "repeat")} | {
    n: _with_pattern_last(n) for n in ("pack", "unpack")
}
LAYERS = {name: _layer(name) for name in ("Rearrange", "Reduce")}
LAYERS["EinMix"] = Type("EinMix", (einops_layers.EinMix,), _mix)
_FRAMEWORKS = {name: Namespace(f"einops.layers.{name}", LAYERS) for name in ("torch", "tensorflow", "keras", "paddle")}
EINOPS = Namespace(
    "einops",
    {
        **FUNCTIONS,
        "einsum": _with_pattern_last("einsum"),
        "parse_shape": Builtin("einops.parse_shape", _shape_by_name, needs_call=True),
        "layers": Namespace("einops.layers", _FRAMEWORKS),
    },
)
