"""Values of a text as numpy has them, and numpy's results as values of a text."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.parsing.evaluation.arrays import Array, all_numbers, from_numpy
from core.parsing.evaluation.known import known
from core.parsing.evaluation.values import Type


def as_numpy(value: Any) -> Any:
    """A value as numpy has it: tensors of known values and lists of them as arrays, types of numbers as its own."""
    if isinstance(value, Tensor):
        copy = known(value)
        return value if copy is None else copy.numpy()
    if isinstance(value, Array) and all_numbers(value):
        return np.asarray(value)
    if isinstance(value, (list, tuple)) and any(isinstance(one, (Tensor, list, tuple)) for one in value):
        return type(value)(map(as_numpy, value)) if type(value) in (list, tuple) else list(value)
    return value


def number_type(value: Any) -> Any:
    """`dtype=np.int64`, `dtype=int`, `dtype="int64"` as numpy takes it."""
    if isinstance(value, torch.dtype):
        return str(value).rpartition(".")[2].replace("bfloat16", "float32")
    return value.cls[0] if isinstance(value, Type) else value


def as_values(made: Any, device: torch.device) -> Any:
    """A result of numpy as a value of a text; several of them as a list or tuple."""
    if isinstance(made, (list, tuple)):
        values = [as_values(one, device) for one in made]
        return values if type(made) is list else tuple(values)
    return from_numpy(made, device) if isinstance(made, (np.ndarray, np.generic)) else made
