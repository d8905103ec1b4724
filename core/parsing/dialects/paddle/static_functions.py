"""Functions of `fluid.layers` without weights, under the names of arguments that they had there.

Source: paddle.fluid.layers of Paddle 1.8.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.errors import ParseError
from core.parsing.dialects.paddle.functions import own
from core.parsing.evaluation.values import Builtin


def _squeeze(input: Tensor, axes: Any = ()) -> Tensor:
    return input.squeeze(tuple(axes)) if axes else input.squeeze()


def _unsqueeze(input: Tensor, axes: Any = ()) -> Tensor:
    for axis in axes if isinstance(axes, (list, tuple)) else [axes]:
        input = input.unsqueeze(axis)
    return input


def _split(input: Tensor, num_or_sections: Any, dim: int = -1) -> Any:
    if isinstance(num_or_sections, int):
        return input.tensor_split(num_or_sections, dim)
    return input.split(list(num_or_sections), dim)


def _reduced(name: str, function: Callable[..., Tensor]) -> Builtin:
    def reduce(input: Tensor, dim: Any = None, keep_dim: bool = False) -> Tensor:
        axes = list(range(input.dim())) if dim is None else dim
        return function(input, axes, keep_dim)

    reduce.__name__ = name
    return own(reduce)


def activated(x: Tensor, act: Any) -> Tensor:
    functions: dict[Any, Callable[..., Tensor]] = {
        None: torch.clone,
        "relu": F.relu,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu6": F.relu6,
    }
    if act not in functions:
        raise ParseError(f"act={str(act)[:40]!r} must be one of {', '.join(filter(None, functions))}.")
    return functions[act](x)


def _scale(x: Tensor, scale: float = 1.0, bias: float = 0.0, bias_after_scale: bool = True, act: Any = None) -> Tensor:
    return activated(x * scale + bias if bias_after_scale else (x + bias) * scale, act)


def _elementwise(name: str, function: Callable[..., Tensor]) -> Builtin:
    def compute(x: Tensor, y: Tensor, axis: int = -1, act: Any = None) -> Tensor:
        first = x.dim() - y.dim() if axis == -1 else axis  # of the axes of x, where those of y begin
        return activated(function(x, y.reshape(*y.shape, *[1] * (x.dim() - first - y.dim()))), act)

    compute.__name__ = f"elementwise_{name}"
    return own(compute)


def _pad(x: Tensor, paddings: Any, pad_value: float = 0.0) -> Tensor:
    pairs = [tuple(paddings[place : place + 2]) for place in range(0, len(paddings), 2)]
    return F.pad(x, [cells for pair in reversed(pairs) for cells in pair], value=pad_value)


def _pad2d(input: Tensor, paddings: Any = (0, 0, 0, 0), mode: str = "constant", pad_value: float = 0.0) -> Tensor:
    top, bottom, left, right = (paddings,) * 4 if isinstance(paddings, int) else paddings
    kind = {"constant": "constant", "reflect": "reflect", "edge": "replicate"}[mode]
    return F.pad(input, [left, right, top, bottom], kind, **({"value": pad_value} if kind == "constant" else {}))


def _flatten(x: Tensor, axis: int = 1) -> Tensor:
    if axis != 1:
        raise ParseError("axis of flatten is read as 1 only, which keeps the images of a batch apart.")
    return x.flatten(1)


def _expand(x: Tensor, expand_times: Any) -> Tensor:
    return x.tile(tuple(expand_times))


def _slice(input: Tensor, axes: Any, starts: Any, ends: Any) -> Tensor:
    for axis, start, end in zip(axes, starts, ends, strict=True):
        input = input[(slice(None),) * axis + (slice(start, end),)]
    return input


def _leaky_relu(x: Tensor, alpha: float = 0.02) -> Tensor:
    return F.leaky_relu(x, alpha)


def _unit(x: Tensor, axis: int, epsilon: float = 1e-12) -> Tensor:
    return F.normalize(x, dim=axis, eps=epsilon)


def _lrn(input: Tensor, n: int = 5, k: float = 1.0, alpha: float = 1e-4, beta: float = 0.75) -> Tensor:
    return F.local_response_norm(input, n, alpha * n, beta, k)


def _clip(x: Tensor, min: float, max: float) -> Tensor:
    return x.clamp(min, max)


def _power(x: Tensor, factor: float = 1.0) -> Tensor:
    return x**factor


def _softmax(input: Tensor, axis: int = -1) -> Tensor:
    return torch.softmax(input, axis)


def _topk(input: Tensor, k: int) -> Any:
    return tuple(torch.topk(input, k, -1))


def _sums(input: Any) -> Tensor:
    parts = list(input) if isinstance(input, (list, tuple)) else [input]
    return sum(parts[1:], parts[0])


def _hard_sigmoid(x: Tensor, slope: float = 0.2, offset: float = 0.5) -> Tensor:
    return (x * slope + offset).clamp(0, 1)


def _relu6(x: Tensor, threshold: float = 6.0) -> Tensor:
    return x.clamp(0, threshold)


def _swish(x: Tensor, beta: float = 1.0) -> Tensor:
    return x * torch.sigmoid(beta * x)


_PAIRS: dict[str, Callable[..., Tensor]] = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "max": torch.maximum,
}
_PAIRS |= {"min": torch.minimum, "pow": torch.pow, "mod": torch.remainder, "floordiv": torch.floor_divide}


def _product(input: Tensor, axes: Any, keep: bool) -> Tensor:
    for axis in sorted((axis % input.dim() for axis in ([axes] if isinstance(axes, int) else axes)), reverse=True):
        input = input.prod(axis, keep)
    return input


_REDUCED: dict[str, Callable[..., Tensor]] = {
    "mean": torch.mean,
    "sum": torch.sum,
    "max": torch.amax,
    "min": torch.amin,
    "prod": _product,
    "all": torch.all,
    "any": torch.any,
}
_OWN: dict[str, Callable[..., Any]] = {
    "squeeze": _squeeze, "unsqueeze": _unsqueeze, "split": _split, "scale": _scale, "pad": _pad, "pad2d": _pad2d,
    "flatten": _flatten, "expand": _expand, "slice": _slice, "leaky_relu": _leaky_relu, "l2_normalize": _unit,
    "lrn": _lrn, "clip": _clip, "pow": _power, "softmax": _softmax, "topk": _topk, "sums": _sums, "sum": _sums,
    "hard_sigmoid": _hard_sigmoid, "relu6": _relu6, "swish": _swish,
}  # fmt: skip
STATIC_FUNCTIONS: dict[str, Builtin] = {
    **{name: own(run) for name, run in _OWN.items()},
    **{f"elementwise_{name}": _elementwise(name, function) for name, function in _PAIRS.items()},
    **{f"reduce_{name}": _reduced(f"reduce_{name}", function) for name, function in _REDUCED.items()},
}
