"""Tensors of one type of number: `torch.LongTensor([1, 2])`, `torch.cuda.FloatTensor(x.size())`, `x.new(3, 8)`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from core.parsing.dialects.pytorch.functions import SIZED
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.known import with_known
from core.parsing.evaluation.values import Builtin

_DTYPES = {
    "FloatTensor": torch.float32,
    "DoubleTensor": torch.float64,
    "HalfTensor": torch.float16,
    "BFloat16Tensor": torch.bfloat16,
    "LongTensor": torch.int64,
    "IntTensor": torch.int32,
    "ShortTensor": torch.int16,
    "CharTensor": torch.int8,
    "ByteTensor": torch.uint8,
    "BoolTensor": torch.bool,
}


def dtype_of(target: Any) -> Any:
    """The type of number that `x.type(torch.LongTensor)` and `x.type("torch.LongTensor")` name; others as they are."""
    name = target.name if isinstance(target, Builtin) else target
    return _DTYPES.get(name.rpartition(".")[2], target) if isinstance(name, str) else target


def _of_type(made: Any, dtype: torch.dtype) -> Any:
    return with_known(Tensor.to, [made, dtype], {}, made.to(dtype)) if isinstance(made, Tensor) else made


def _typed(name: str, dtype: torch.dtype, space: str = "torch") -> Builtin:
    def run(call: BuiltinCall, *args: Any, **kwargs: Any) -> Any:
        return _of_type(SIZED(call, *args, **kwargs), dtype)

    return Builtin(f"{space}.{name}", run, needs_call=True)


def _new(call: BuiltinCall, like: Tensor, *args: Any, **kwargs: Any) -> Any:
    """`x.new(3, 8)`, `x.new(y.size())` and `x.new([3, 8])`: of the type of x."""
    return _of_type(SIZED(call, *args), like.dtype)


TYPES = {name: _typed(name, dtype) for name, dtype in _DTYPES.items()}
CUDA_TYPES = {name: _typed(name, dtype, "torch.cuda") for name, dtype in _DTYPES.items()}
NEW = {name: Builtin(f".{name}", _new, needs_call=True) for name in ("new", "new_tensor")}
