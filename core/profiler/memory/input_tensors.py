"""What stands before a network runs: the tensors that it is given, and those that it holds."""

from __future__ import annotations

import math
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import PlaygroundError
from core.profiler.fake_tensor.known_values import is_small
from core.profiler.fake_tensor.mode import FakeTensorMode
from core.profiler.fake_tensor.tensor import FakeTensor, span
from core.profiler.inputs import TensorInput
from core.profiler.setting import Setting
from core.profiler.size_text import shape_text

LARGEST_BYTES = 2**63


def input_tensor(
    mode: FakeTensorMode, described: TensorInput, setting: Setting, dtype: torch.dtype, high: int
) -> FakeTensor:
    """A batch of what is described; whole numbers below `high` where nobody gave them."""
    if described.values is not None:
        return faked(mode, described.values)
    size = (setting.pass_size, *described.shape)
    if math.prod(size) * dtype.itemsize >= LARGEST_BYTES:
        raise PlaygroundError(f"a batch of {shape_text(size)} has more bytes than a number of 64 bits can say")
    last = setting.channels_last and len(size) == 4
    layout = torch.channels_last if last else torch.contiguous_format
    fake = mode.empty(size, torch.empty(size, device="meta", memory_format=layout).stride(), dtype)
    if mode.is_real:
        values = _random(size, dtype, high)
        assert fake._carried is not None
        fake._carried.copy_(values)
    return fake


def _random(size: tuple[int, ...], dtype: torch.dtype, high: int) -> Tensor:
    if dtype is torch.bool:
        return torch.ones(size, dtype=dtype, device="cpu")
    if dtype.is_floating_point or dtype.is_complex:
        return torch.randn(size, device="cpu").to(dtype)
    return torch.randint(0, max(1, high), size, dtype=dtype, device="cpu")


def faked(mode: FakeTensorMode, values: Tensor) -> FakeTensor:
    """A fake tensor for a given one, whose values ride along where they are few or the run is real."""
    size, stride = tuple(values.shape), values.stride()
    nbytes = (math.prod(size) if values.is_contiguous() else span(size, stride)) * values.itemsize
    fake = mode.fake((size, stride, 0, values.dtype), nbytes, values.requires_grad)
    if values.device.type != "meta" and (mode.is_real or is_small(values)):
        fake.origin, fake.is_known = values, True
    return fake


def tensors_held(modules: list[tuple[str, nn.Module]]) -> Iterator[FakeTensor]:
    """Fake tensors that modules hold: parameters, buffers, attributes, and those in their lists and dicts."""
    for _, module in modules:
        for value in module.__dict__.values():
            kind = type(value)
            if kind is FakeTensor:
                yield value
            elif kind in _CONTAINERS and value:
                yield from _in(value, 3)


_CONTAINERS = {dict, OrderedDict, defaultdict, list, tuple, deque}


def _in(value: Any, depth: int) -> Iterator[FakeTensor]:
    for part in list(value.values()) if isinstance(value, dict) else value:
        if isinstance(part, FakeTensor):
            yield part
        elif depth and type(part) in _CONTAINERS and part:
            yield from _in(part, depth - 1)
