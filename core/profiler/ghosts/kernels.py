"""Shape rules, remembered: PyTorch's meta kernels are right but slow, and networks repeat themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch._dynamo  # noqa: F401 - PyTorch's own rules would import it in the middle of the first profile
from torch import Tensor

from core.errors import PlaygroundError
from core.profiler.ghosts.rules import RULES, filled_like, pointwise
from core.profiler.ghosts.tensor import Ghost, Spec, spec_of


@dataclass(frozen=True, slots=True)
class Part:
    """One result: on a new storage of `nbytes`, a view of argument `source`, or without a spec that argument itself.

    Arguments are counted as far as they are ghosts, those in lists included.
    """

    spec: Spec | None
    nbytes: int = 0
    source: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """What an operation gives: one result if `kind` is None, else a tuple or list of them, some of them None.

    Each is equal to itself alone, so that it stands for its operation and sizes where something is kept for these.
    """

    kind: type | None
    parts: tuple[Part | None, ...]


_MEMORY: dict[Any, Recipe] = {}
_CAP = 20_000


def signature(values: Any, ghosts: list[Ghost]) -> tuple:
    """All that decides what comes out of an operation on `values`, hashable if they are; collects the ghosts."""
    parts: list[Any] = []
    for value in values:
        kind = type(value)
        if kind is Ghost:
            ghosts.append(value)
            parts.append(value.spec)
        elif kind is list or kind is tuple:
            parts.append(signature(value, ghosts))
        elif isinstance(value, Tensor):
            parts.append((Tensor, spec_of(value)))
        else:
            parts += (kind, value)
    return tuple(parts)


def recall(key: Any) -> Recipe | None:
    """What is remembered."""
    try:
        return _MEMORY.get(key)
    except TypeError:  # an argument that cannot be a key
        return None


def remember(key: Any, result: Any, ghosts: list[Ghost]) -> Recipe | None:
    """Keeps the recipe of what came out for the `ghosts` that `signature` found, and returns it if there is one."""
    recipe = _recipe(result, ghosts)
    if recipe is None:
        return None
    if len(_MEMORY) >= _CAP:
        _MEMORY.clear()
    try:
        _MEMORY[key] = recipe
    except TypeError:
        return None
    return recipe


def forget() -> None:
    """Remember nothing: the next network is met as the first one. For measuring."""
    _MEMORY.clear()


def run_on_meta(func: Any, args: list, kwargs: dict) -> Any:
    """What `func` gives for meta tensors."""
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


def _recipe(result: Any, ghosts: list[Ghost]) -> Recipe | None:
    """How to make the result again; None where the key does not decide it, or it is more than tensors."""
    if any(spec_of(ghost.inner) != ghost.spec for ghost in ghosts):
        return None
    kind = type(result) if isinstance(result, (tuple, list)) else None
    results = [result] if kind is None else result
    if not all(part is None or isinstance(part, Tensor) for part in results):
        return None
    places = {ghost.block.storage._cdata: place for place, ghost in enumerate(ghosts)}
    parts = tuple(part if part is None else _part(part, ghosts, places) for part in results)
    made = [part.untyped_storage()._cdata for part in results if part is not None]
    fresh = [storage for storage in made if storage not in places]
    is_clear = len(places) == len(ghosts) or len(fresh) == len(made)  # else a view may be of one argument or another
    return Recipe(kind, parts) if is_clear and len(set(fresh)) == len(fresh) else None


def _part(result: Tensor, ghosts: list[Ghost], places: dict[int, int]) -> Part:
    storage = result.untyped_storage()
    source = places.get(storage._cdata)
    if source is not None and ghosts[source].inner is result:
        return Part(None, source=source)
    return Part(spec_of(result), storage.nbytes(), source)
