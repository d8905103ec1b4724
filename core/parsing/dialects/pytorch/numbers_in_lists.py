"""Lists of numbers that a tensor is made of, of which some are tensors: `torch.tensor([x.mean(), 1.0])`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from core.parsing.evaluation.known import known


def as_numbers(data: Any) -> tuple[Any, bool]:
    """The list with a number of its kind for each tensor of one number, and whether all those numbers are known.

    >>> as_numbers([2.5, [torch.ones(1, device="meta")]])
    ([2.5, [0.0]], False)
    """
    if isinstance(data, Tensor) and data.numel() == 1:
        copy = known(data) if data.is_meta else data
        return (torch.zeros((), dtype=data.dtype) if copy is None else copy.detach()).item(), copy is not None
    if not isinstance(data, (list, tuple)):
        return data, True
    items = [as_numbers(one) for one in data]
    return [value for value, _ in items], all(is_known for _, is_known in items)
