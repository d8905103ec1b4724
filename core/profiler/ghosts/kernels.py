"""Shape rules, remembered: PyTorch's meta kernels are right but slow, and networks repeat themselves."""

from __future__ import annotations

from typing import Any

import torch
import torch._dynamo  # PyTorch's own rules would import it in the middle of the first profile
from torch import Tensor

from core.errors import PlaygroundError
from core.profiler.ghosts.rules import RULES, filled_like, pointwise

_MEMORY: dict[Any, tuple[type | None, tuple[Any, ...]]] = {}
_CAP = 20_000


def run_on_meta(func: Any, args: list, kwargs: dict) -> Any:
    """What `func` gives for meta tensors. Pure functions whose results are fresh storages are run once a signature."""
    if func._schema.is_mutable:
        return _run(func, args, kwargs)
    try:
        key = (func, _signature(args), _signature(tuple(kwargs.items())))
        known = _MEMORY.get(key)
    except TypeError:  # an argument that cannot be a key
        return _run(func, args, kwargs)
    if known is not None:
        return _rebuild(*known)
    result = _run(func, args, kwargs)
    recipe = _recipe(result, _storages(args) | _storages(list(kwargs.values())))
    if recipe is not None:
        if len(_MEMORY) >= _CAP:
            _MEMORY.clear()
        _MEMORY[key] = recipe
    return result


def _run(func: Any, args: list, kwargs: dict) -> Any:
    known = filled_like(func, args, kwargs) if kwargs else _by_rule(func, args)
    if known is not None:
        return known
    try:
        return func(*args, **kwargs)
    except NotImplementedError as error:
        raise PlaygroundError(
            f"the result of {func.name()} has no size that follows from sizes alone, so it cannot be profiled"
        ) from error


def _by_rule(func: Any, args: list) -> Any:
    rule = RULES.get(func)
    if rule is not None:
        return rule(*args)
    return pointwise(func, args) if args and isinstance(args[0], Tensor) else None


def _signature(value: Any) -> Any:
    if isinstance(value, Tensor):
        return (value.shape, value.stride(), value.dtype)
    if isinstance(value, (list, tuple)):
        return tuple([_signature(part) for part in value])
    return (type(value), value)


def _storages(value: Any) -> set[int]:
    if isinstance(value, Tensor):
        return {value.untyped_storage()._cdata}
    if isinstance(value, (list, tuple)):
        return set().union(*(_storages(part) for part in value))
    return set()


def _recipe(result: Any, taken: set[int]) -> tuple[type | None, tuple[Any, ...]] | None:
    """How to make the result again; None where it is a view of an argument, or no tensor."""
    parts = list(result) if isinstance(result, (tuple, list)) else [result]
    specs = []
    for part in parts:
        if isinstance(part, Tensor):
            if part.untyped_storage()._cdata in taken or part.storage_offset():
                return None
            specs.append((tuple(part.shape), part.stride(), part.dtype))
        elif part is None:
            specs.append(None)
        else:
            return None
    return (type(result) if isinstance(result, (tuple, list)) else None, tuple(specs))


def _rebuild(kind: type | None, specs: tuple[Any, ...]) -> Any:
    parts = [spec and torch.empty_strided(spec[0], spec[1], dtype=spec[2], device="meta") for spec in specs]
    return parts[0] if kind is None else kind(parts)
