"""Shape rules, remembered: PyTorch's meta kernels are right but slow, and networks repeat themselves."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

import core.optim  # noqa: F401 (else PyTorch's own rules would import its compiler in the first profile)
from core.errors import PlaygroundError
from core.profiler.fake_tensor.shape_rules import RULES, filled_like, pointwise
from core.profiler.fake_tensor.tensor import FakeTensor, Spec, span, spec_of


class NoRule(PlaygroundError):
    """An operation has no shape rule; it may still be run."""


NEW = -1  # the source of a result on a storage of its own


@dataclass(slots=True)  # never changed, but freezing triples the time that making one takes
class TensorRecipe:
    """One result: on a new storage of `nbytes`, a view of argument `source`, or without a spec that argument itself.

    Arguments are counted as far as they are fake tensors, those in lists included.
    """

    spec: Spec | None
    nbytes: int = 0
    source: int = NEW


@dataclass(slots=True, eq=False)
class OpRecipe:
    """What an operation gives: one result if `kind` is None, else a tuple or list of them, some of them None.

    Each is equal to itself alone, so that it stands for its operation and sizes where something is kept for these.
    """

    kind: type | None
    parts: tuple[TensorRecipe | None, ...]


_MEMORY: dict[Any, OpRecipe] = {}
_CAP = 20_000
_UNDECIDED = {id(torch.ops.aten.mkldnn_rnn_layer.default)}  # keeps nothing where no gradient is wanted


def signature(values: Any, fakes: list[FakeTensor]) -> tuple:
    """All that decides what comes out of an operation on `values`, hashable if they are; collects the fake tensors."""
    parts: list[Any] = []
    for value in values:
        kind = type(value)
        if kind is FakeTensor:
            fakes.append(value)
            parts.append(value.spec)
        elif kind is list or kind is tuple:
            parts.append(signature(value, fakes))
        elif isinstance(value, Tensor):
            parts.append((Tensor, spec_of(value) if value.layout is torch.strided else object()))
        else:
            parts += (kind, value)
    return tuple(parts)


def recall(key: Any) -> OpRecipe | None:
    try:
        return _MEMORY.get(key)
    except TypeError:  # an argument that cannot be a key
        return None


def remember(key: Any, recipe: OpRecipe) -> None:
    """Keeps a recipe, unless an argument cannot be a key or more than the key decides."""
    if key[0] in _UNDECIDED:
        return
    if len(_MEMORY) >= _CAP:
        _MEMORY.clear()
    with contextlib.suppress(TypeError):
        _MEMORY[key] = recipe


def forget() -> None:
    """Remember nothing: the next network is met as the first one. For measuring."""
    _MEMORY.clear()


def by_rule(func: Any, args: tuple, kwargs: dict) -> OpRecipe | None:
    """What our own rules say of an operation on fake tensors; None where they say nothing."""
    known = _known(func, args, kwargs)
    if known is None:
        return None
    if isinstance(known, Tensor):
        return OpRecipe(None, (TensorRecipe(None, source=0),)) if type(known) is FakeTensor else None
    if isinstance(known[-1], torch.dtype):
        return OpRecipe(None, (_fresh(known),))
    return OpRecipe(tuple, tuple([spec and _fresh(spec) for spec in known]))


def _known(func: Any, args: tuple, kwargs: dict) -> Any:
    if kwargs:
        return filled_like(func, args, kwargs)
    rule = RULES.get(func)
    if rule is not None:
        return rule(*args)
    return pointwise(func, args) if args and isinstance(args[0], Tensor) else None


def _fresh(spec: Spec) -> TensorRecipe:
    return TensorRecipe(spec, span(spec[0], spec[1]) * spec[3].itemsize)


def run_on_meta(func: Any, args: list, kwargs: dict) -> Any:
    try:
        return func(*args, **kwargs)
    except NotImplementedError as error:
        raise NoRule(
            f"the result of {func.name()} has no size that follows from sizes alone, so it cannot be profiled"
        ) from error


def recipe_of(result: Any, fakes: list[FakeTensor]) -> OpRecipe | None:
    """How to make the result again; None where the key does not decide it, or it is more than tensors."""
    if any(spec_of(fake.on_meta) != fake.spec for fake in fakes):
        return None
    kind = type(result) if isinstance(result, (tuple, list)) else None
    results = [result] if kind is None else result
    if not all(part is None or isinstance(part, Tensor) for part in results):
        return None
    indices = {fake.block.storage_id: index for index, fake in enumerate(fakes)}
    parts = tuple(part if part is None else _part(part, fakes, indices) for part in results)
    storages = [part.untyped_storage()._cdata for part in results if part is not None]
    fresh = [storage for storage in storages if storage not in indices]
    # else a view may be of one argument or another
    is_clear = len(indices) == len(fakes) or len(fresh) == len(storages)
    return OpRecipe(kind, parts) if is_clear and len(set(fresh)) == len(fresh) else None


def _part(result: Tensor, fakes: list[FakeTensor], indices: dict[int, int]) -> TensorRecipe:
    storage = result.untyped_storage()
    source = indices.get(storage._cdata, NEW)
    if source != NEW and fakes[source].on_meta is result:
        return TensorRecipe(None, source=source)
    return TensorRecipe(spec_of(result), storage.nbytes(), source)
