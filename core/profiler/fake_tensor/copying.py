"""A copy of a network whose parameters and buffers are fake tensors. The network itself is not touched."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from core.errors import PlaygroundError
from core.profiler.fake_tensor.mode import FakeTensorMode
from core.profiler.fake_tensor.tensor import span


def fake_copy(
    model: nn.Module, mode: FakeTensorMode, dtype: torch.dtype | None = None, channels_last: bool = False
) -> nn.Module:
    """`model` once more, on fake tensors: shared parameters stay shared, and no weight is allocated.

    `dtype` is what its floats become, as `model.to(dtype)` does; `channels_last` lays 4d weights out accordingly.
    """
    model = getattr(model, "_orig_mod", model)  # what torch.compile wraps
    if isinstance(model, torch.jit.ScriptModule):
        raise PlaygroundError("a TorchScript module cannot be profiled: give the Python module it was made from")
    modules = [module for _, module in named_modules(model)]
    memo: dict[int, Any] = {}
    try:
        copies, loose = _shallow(modules)
        for tensor in _tensors_of(loose):
            if id(tensor) not in memo:
                memo[id(tensor)] = _fake_of(tensor, mode, dtype, channels_last)
        if not any(hasattr(kind, "__deepcopy__") for kind in {*map(type, modules)}):
            memo.update(zip(map(id, modules), copies, strict=True))
            for own, name, value in loose:
                own[name] = _copied(value, memo)
        return copy.deepcopy(model, memo)
    except (TypeError, RuntimeError, NotImplementedError) as error:
        raise PlaygroundError(f"{type(model).__name__} cannot be copied for profiling: {error}") from error


def named_modules(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """`model.named_modules()` as a list, each module once under its first name: three times as fast.

    >>> [name for name, _ in named_modules(nn.Sequential(nn.Sequential(nn.ReLU()), nn.Tanh()))]
    ['', '0', '0.0', '1']
    """
    named: list[tuple[str, nn.Module]] = []
    visited: set[nn.Module] = set()
    pending = [("", model)]
    while pending:
        path, module = pending.pop()
        if module not in visited:
            visited.add(module)
            named.append((path, module))
            if module._modules:
                below = f"{path}." if path else ""
                parts = [(below + name, part) for name, part in module._modules.items() if part is not None]
                pending += reversed(parts)
    return named


# what of a module has still to be copied: the dict of its copy, name, value
Loose = list[tuple[dict[str, Any], str, Any]]


def _shallow(modules: list[nn.Module]) -> tuple[list[nn.Module], Loose]:
    """Modules once more, with what cannot change and empty containers: deepcopy asks about every number in them."""
    copies, loose = [], []
    for module in modules:
        copied = module.__class__.__new__(module.__class__)
        own = copied.__dict__
        own.update(module.__dict__)
        for name, value in module.__dict__.items():
            kind = type(value)
            if kind in _CONTAINERS and not value:  # the hooks that nobody has set
                own[name] = kind()
            elif kind not in _PLAIN and not (kind is tuple and _PLAIN.issuperset(map(type, value))):
                loose.append((own, name, value))
        copies.append(copied)
    return copies, loose


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    if id(value) in memo:
        return memo[id(value)]
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind in (dict, OrderedDict) and _STRING.issuperset(map(type, value)):
        return kind([(key, _copied(part, memo)) for key, part in value.items()])
    if kind in (tuple, list, set) and _PLAIN.issuperset(map(type, value)):
        return kind(value)
    return copy.deepcopy(value, memo)


_PLAIN = {bool, int, float, str, type(None), torch.dtype}
_STRING = {str}
_KEYED = {dict, OrderedDict, set}
_CONTAINERS = {*_KEYED, list}


def _tensors_of(loose: Loose) -> Iterator[Tensor]:
    for _, name, value in loose:
        if name in ("_parameters", "_buffers"):
            yield from (tensor for tensor in value.values() if tensor is not None)
        elif type(value) not in _KEYED:
            yield from _tensors_in(value, depth=2)


def _tensors_in(value: Any, depth: int) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif depth and isinstance(value, (list, tuple)):
        for part in value:
            if type(part) not in _PLAIN:
                yield from _tensors_in(part, depth - 1)


def _fake_of(tensor: Tensor, mode: FakeTensorMode, dtype: torch.dtype | None, channels_last: bool) -> Tensor:
    if is_lazy(tensor):
        raise PlaygroundError("this network has lazy layers: run one batch through it, or say their input sizes")
    kind = dtype if dtype is not None and tensor.is_floating_point() else tensor.dtype
    stride = tensor.stride()
    if channels_last and tensor.dim() == 4:
        stride = torch.empty(tensor.shape, device="meta", memory_format=torch.channels_last).stride()
    size = tuple(tensor.shape)
    nbytes = tensor.numel() * kind.itemsize if tensor.is_contiguous() else span(size, stride) * kind.itemsize
    fake = mode.fake((size, stride, 0, kind), nbytes, tensor.requires_grad)
    if isinstance(tensor, nn.Parameter):
        fake._is_param = True  # what makes it an nn.Parameter, see torch.nn.parameter._ParameterMeta
    return fake
