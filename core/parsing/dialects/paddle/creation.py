"""Functions of Paddle that make a tensor, and its names of the kinds of numbers."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from core.parsing.dialects.pytorch.functions import CREATORS
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin

IGNORED = ("name", "data_format", "weight_attr", "bias_attr", "use_cudnn")
TYPES = ("float16", "float32", "float64", "int32", "int64", "bool")
WHOLE = (torch.int32, torch.int64)  # types that an index may have, and that a tensor is made with
NAMES = {"stop": "end", "num": "steps", "shape": "size"}
OF_EYE = ("num_rows", "num_columns")


def dtype_of(value: Any) -> Any:
    """PyTorch's kind of number.

    >>> dtype_of("int64"), dtype_of(torch.float32)
    (torch.int64, torch.float32)
    """
    return getattr(torch, value, None) if isinstance(value, str) else value


def _creator(name: str) -> Builtin:
    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        kinds = [one for one in (*args, kwargs.get("dtype")) if isinstance(one, (str, torch.dtype))]
        sizes = [one for one in args if not isinstance(one, (str, torch.dtype))]
        sizes += [kwargs[key] for key in OF_EYE if name == "eye" and key in kwargs]
        named = {NAMES.get(k, k): v for k, v in kwargs.items() if k not in (*IGNORED, *OF_EYE, "dtype")}
        kind = dtype_of(kinds[-1]) if kinds else None
        return call.call(CREATORS[name], *sizes, **named, **({"dtype": kind} if kind in WHOLE else {}))

    return Builtin(name, run, needs_call=True)


def _drawn(call: BuiltinCall, shape: Any = None, *args: Any, **kwargs: Any) -> Any:
    """`paddle.uniform((2, 3))`, and `paddle.normal(0.0, 1.0, (2, 3))`, whose shape comes third or is that of means."""
    sizes = args[1] if call.name == "normal" and len(args) > 1 else kwargs.get("shape", shape)
    means = [one for one in (sizes, kwargs.get("mean"), kwargs.get("std")) if isinstance(one, Tensor)]
    sizes = means[0].shape if means else sizes
    return call.call(CREATORS["rand"], tuple(call.evaluator.resolve_all(list(call.iterate(sizes)), call.node)))


def create_parameter(call: BuiltinCall, shape: Any, *args: Any, **kwargs: Any) -> nn.Parameter:
    """`paddle.create_parameter(shape)`."""
    sizes = call.evaluator.resolve_all(list(shape), call.node)
    return nn.Parameter(call.call(CREATORS["empty"], tuple(sizes)))


CREATION: dict[str, Any] = {
    **{name: _creator(name) for name in CREATORS},
    "create_parameter": Builtin("create_parameter", create_parameter, needs_call=True),
    **{name: Builtin(name, _drawn, needs_call=True) for name in ("uniform", "normal", "standard_normal", "gaussian")},
    **{name: getattr(torch, name) for name in TYPES},
}
