"""What Python's operators do with Keras's symbols, by the name of the method that Python has for each."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import torch

OPERATORS: dict[str, Callable[..., Any]] = {
    "__add__": operator.add,
    "__sub__": operator.sub,
    "__mul__": operator.mul,
    "__truediv__": operator.truediv,
    "__pow__": operator.pow,
    "__matmul__": operator.matmul,
    "__lt__": operator.lt,
    "__le__": operator.le,
    "__gt__": operator.gt,
    "__ge__": operator.ge,
    "__eq__": operator.eq,
    "__ne__": operator.ne,
    "__floordiv__": operator.floordiv,
    "__mod__": operator.mod,
    "__and__": torch.logical_and,
    "__or__": torch.logical_or,
}
