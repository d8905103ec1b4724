"""Arrays of numpy: one axis of numbers that are known is a list of them; more axes are a tensor without memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.parsing.evaluation.budget import MAX_ITEMS
from core.parsing.evaluation.known import MAX_KNOWN, remember
from core.parsing.evaluation.values import Unknown

MAX_VALUES = 2**22  # of an array that is made of numbers here


class Array(list[Any]):
    """An array with one axis: a list whose operators are numpy's."""


def combined(apply: Callable[[Any, Any], Any], left: Any, right: Any, device: torch.device) -> Any:
    """`left + right` and its kind, where one of them is an array."""
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return apply(*(as_tensor(v, device) if isinstance(v, Array) else v for v in (left, right)))
    return from_numpy(apply(*(np.asarray(v) if isinstance(v, Array) else v for v in (left, right))), device)


def array_item(array: Array, index: Any, device: torch.device) -> Any:
    """`array[:, None]`. Raises: IndexError, TypeError as numpy does."""
    return from_numpy(np.asarray(array)[index], device)


def all_numbers(items: list[Any]) -> bool:
    """Whether all of them are numbers that are known."""
    return all(type(one) in (int, float, bool) for one in items)


def put_into(array: Array, index: Any, value: Any) -> None:
    """`array[1:3] = value`. Raises: IndexError, ValueError as numpy does."""
    changed = np.asarray(array)
    changed[index] = value
    array[:] = changed.tolist()


def reshaped(array: Array, sizes: tuple[Any, ...], device: torch.device) -> Any:
    """`array.reshape(-1, 1)`. Raises: ValueError, TypeError as numpy does."""
    if any(isinstance(one, Unknown) for one in array):  # which may be rows of data
        return Unknown("this depends on data", 1, is_data=True)
    asked = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else sizes
    return from_numpy(np.asarray(array).reshape(asked), device)


ARRAY_SIZES: dict[str, Callable[[Array], Any]] = {
    "shape": lambda array: (len(array),),
    "size": len,
    "ndim": lambda array: 1,
    "T": lambda array: array,
}


def from_numpy(value: Any, device: torch.device) -> Any:
    """A result of numpy as a value of a text.

    >>> from_numpy(np.arange(3) * 2, torch.device("meta")), from_numpy(np.float64(2), torch.device("meta"))
    ([0, 2, 4], 2.0)
    """
    values = np.asarray(value)
    if values.size > MAX_VALUES or (values.ndim == 1 and values.size > MAX_ITEMS):
        raise ValueError(f"an array of {values.size:,} numbers")
    if values.ndim == 0:
        return values.item()
    return Array(values.tolist()) if values.ndim == 1 else as_tensor(values, device)


def as_tensor(values: Any, device: torch.device) -> Tensor:
    """A tensor of these numbers, which stay known where they are few."""
    array = np.asarray(values)
    kind = torch.from_numpy(np.empty(0, array.dtype)).dtype
    made = torch.empty(array.shape, dtype=kind, device=device)
    if device.type != "meta":
        return torch.tensor(array, device=device)
    return remember(made, torch.tensor(array)) if array.size <= MAX_KNOWN else made


class Sides(list[int]):
    """The shape of a tensor where a framework gives it as a list: another input may have so many axes."""

    def __getitem__(self, index: Any) -> Any:
        """One size, or some of them."""
        found = super().__getitem__(index)
        return Sides(found) if isinstance(found, list) else found
