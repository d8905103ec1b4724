"""Functions of Paddle that PyTorch has under another name, with its axes elsewhere, or not at all.

Source: the API reference of Paddle 2.6.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.parsing.dialects.paddle.activation_functions import ACTIVATION_FUNCTIONS
from core.parsing.dialects.paddle.axis_functions import AXIS_FUNCTIONS, AXIS_METHODS, FUNCTIONAL_AXES
from core.parsing.dialects.paddle.functions import TENSOR_METHODS, own, renamed
from core.parsing.dialects.paddle.window_functions import WINDOW_FUNCTIONS
from core.parsing.evaluation.values import Builtin


def _expand_as(x: Tensor, y: Tensor) -> Tensor:
    return x.expand(y.shape)


def _slice(x: Tensor, axes: Any, starts: Any, ends: Any) -> Tensor:
    return _strided(x, axes, starts, ends, [1] * len(axes))


def _strided(x: Tensor, axes: Any, starts: Any, ends: Any, strides: Any) -> Tensor:
    for axis, *places in zip(axes, starts, ends, strides, strict=True):
        x = x[(slice(None),) * (axis % x.dim()) + (slice(*places),)]
    return x


def _scale(x: Tensor, scale: float = 1.0, bias: float = 0.0, bias_after_scale: bool = True, act: Any = None) -> Tensor:
    return x * scale + bias if bias_after_scale else (x + bias) * scale


def _unstack(x: Tensor, axis: int = 0, num: Any = None) -> Any:
    return x.unbind(axis)


def _gather_nd(x: Tensor, index: Tensor) -> Tensor:
    return x[tuple(index.long().unbind(-1))]


def _taken_along(arr: Tensor, indices: Tensor, axis: int, broadcast: bool = True) -> Tensor:
    return torch.take_along_dim(arr, indices.long(), axis)


def _put_along(arr: Tensor, indices: Tensor, values: Any, axis: int, reduce: str = "assign", **_: Any) -> Tensor:
    return arr.clone()


def _sampled(x: Tensor, index: Tensor) -> Tensor:
    return torch.gather(x, 1, index.long())


def _reversed(x: Tensor, axis: Any) -> Tensor:
    return x.flip(tuple(axis) if isinstance(axis, (list, tuple)) else (axis,))


def _increment(x: Tensor, value: float = 1.0) -> Tensor:
    return x + value


def _view(x: Tensor, shape_or_dtype: Any) -> Tensor:
    return x.reshape(tuple(shape_or_dtype)) if isinstance(shape_or_dtype, (list, tuple)) else x


def _view_as(x: Tensor, other: Tensor) -> Tensor:
    return x.reshape(other.shape)


def _same(x: Any, *args: Any, **kwargs: Any) -> Any:
    """What keeps the shape of what it is given."""
    return x


def _swiglu(x: Tensor, y: Any = None) -> Tensor:
    gate, value = x.chunk(2, -1) if y is None else (x, y)
    return F.silu(gate) * value


def _maxout(x: Tensor, groups: int, axis: int = 1) -> Tensor:
    axis = axis % x.dim()
    return x.unflatten(axis, (-1, groups)).amax(axis + 1)


def _zero_padded(x: Tensor, padding: Any) -> Tensor:
    return F.pad(x, [padding] * 4 if isinstance(padding, int) else list(padding))


def _compared(name: str, function: Callable[..., Tensor]) -> Builtin:
    def compare(x: Tensor, y: Any) -> Tensor:
        return function(x, y)

    compare.__name__ = name
    return own(compare)


_COMPARED = {"equal": torch.eq, "greater_than": torch.gt, "less_than": torch.lt, "mod": torch.remainder,
             "floor_mod": torch.remainder}  # fmt: skip
_OWN: dict[str, Callable[..., Any]] = {
    "expand_as": _expand_as, "slice": _slice, "strided_slice": _strided, "scale": _scale, "unstack": _unstack,
    "gather_nd": _gather_nd, "take_along_axis": _taken_along, "put_along_axis": _put_along, "index_sample": _sampled,
    "reverse": _reversed, "increment": _increment, "view": _view, "view_as": _view_as, "assign": _same, "clone": _same,
}  # fmt: skip
ARRAYS: dict[str, Any] = {
    **AXIS_FUNCTIONS,
    **{name: own(run) for name, run in _OWN.items()},
    **{name: _compared(name, function) for name, function in _COMPARED.items()},
    "rank": own(lambda input: torch.tensor(input.dim())),
}
IN_PLACE = (
    "reshape squeeze unsqueeze add subtract multiply scale clip exp tanh flatten transpose pow sqrt abs ceil floor "
    "round rsqrt reciprocal tril triu cast remainder"
)
FUNCTIONAL_ARRAYS: dict[str, Any] = {
    **FUNCTIONAL_AXES,
    **WINDOW_FUNCTIONS,
    **AXIS_FUNCTIONS,
    "swiglu": own(_swiglu),
    "maxout": own(_maxout),
    "zeropad2d": own(_zero_padded),
    **{name: own(_same) for name in ("label_smooth", "temporal_shift")},
    "log_sigmoid": renamed("log_sigmoid", F.logsigmoid),
    **ACTIVATION_FUNCTIONS,
}


def with_in_place(functions: dict[str, Any]) -> dict[str, Any]:
    """Functions, and those of an underscore that write their result into what they are given."""
    return functions | {f"{name}_": functions[name] for name in IN_PLACE.split() if name in functions}


METHODS = with_in_place({**ARRAYS, **TENSOR_METHODS, **AXIS_METHODS})  # of a tensor
