"""Sorting and running sums along an axis, with the words that TensorFlow has for their directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor


def running_sum(x: Tensor, axis: int, is_exclusive: bool, is_backward: bool) -> Tensor:
    """Sums of all values up to each, without it if exclusive; from the end if backward.

    >>> running_sum(torch.tensor([1, 2, 3]), 0, True, False), running_sum(torch.tensor([1, 2, 3]), 0, False, True)
    (tensor([0, 1, 3]), tensor([6, 5, 3]))
    """
    sums = x.flip(axis).cumsum(axis).flip(axis) if is_backward else x.cumsum(axis)
    return sums - x if is_exclusive else sums


def _sum_before(x: Tensor, axis: int) -> Tensor:
    return running_sum(x, axis, True, False)


def _sum_behind(x: Tensor, axis: int) -> Tensor:
    return running_sum(x, axis, True, True)


def _sum_from_end(x: Tensor, axis: int) -> Tensor:
    return running_sum(x, axis, False, True)


_SUMS = {(True, False): _sum_before, (True, True): _sum_behind, (False, True): _sum_from_end}


def ascending(x: Tensor, axis: int) -> Tensor:
    return torch.sort(x, axis).values


def _descending(x: Tensor, axis: int) -> Tensor:
    return torch.sort(x, axis, descending=True).values


def _places_descending(x: Tensor, axis: int) -> Tensor:
    return torch.argsort(x, axis, descending=True)


def directed(name: str, kwargs: Mapping[str, Any]) -> Callable[..., Tensor] | None:
    """`tf.cumsum(x, exclusive=True, reverse=True)`, `tf.sort(x, direction="DESCENDING")`; None without such words."""
    if name == "cumsum" and (kwargs.get("exclusive") or kwargs.get("reverse")):
        return _SUMS[bool(kwargs.get("exclusive")), bool(kwargs.get("reverse"))]
    is_descending = kwargs.get("direction") == "DESCENDING"
    return {"sort": _descending, "argsort": _places_descending}.get(name) if is_descending else None
