"""Values of small tensors that are made of numbers alone: they are known, even where no tensor has memory.

`[rate.item() for rate in torch.linspace(0, 0.1, 12)]` tells a constructor twelve numbers.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

from torch import Tensor

MAX_KNOWN = 4096  # values of one tensor


def known(value: Any) -> Tensor | None:
    """A copy with memory of a tensor whose values are known, None for others."""
    return getattr(value, "known_values", None) if isinstance(value, Tensor) else None


def as_number(value: Any) -> Any:
    """The number that a tensor without axes is, where it is known: one of a table; any other value itself."""
    copy = known(value)
    return value if copy is None or copy.dim() else copy.item()


def remember(value: Tensor, copy: Tensor | None) -> Tensor:
    """The tensor itself, its values known from now on; or no longer."""
    if copy is not None and copy.numel() <= MAX_KNOWN:
        value.known_values = copy  # type: ignore[attr-defined]
    elif known(value) is not None:
        del value.known_values  # type: ignore[attr-defined]
    return value


def tensors_among(values: Iterable[Any]) -> list[Tensor]:
    """The tensors among values and in the lists among them."""
    flat = [v for one in values for v in (one if isinstance(one, (list, tuple)) else (one,))]
    return [v for v in flat if isinstance(v, Tensor)]


def all_known(values: Iterable[Any]) -> bool:
    """Whether there are tensors among some values, all of known values."""
    tensors = tensors_among(values)
    return bool(tensors) and all(known(v) is not None for v in tensors)


def with_known(function: Callable[..., Any], values: list[Any], named: dict[str, Any], result: Any) -> Any:
    """The result of a function of tensors, its values known where those of all its tensors are."""
    tensors = tensors_among((*values, *named.values()))
    if not any(known(v) is not None for v in tensors):
        return result
    if any(known(v) is None for v in tensors):
        if isinstance(result, Tensor) and any(result is v for v in tensors):
            remember(result, None)
        return result
    if any(one.numel() > MAX_KNOWN for one in tensors_among((result,))):  # which nobody keeps, and memory may not hold
        return result
    copy = function(*map(_copy, values), **{k: _copy(v) for k, v in named.items() if k != "device"})
    pairs = (
        [(result, copy)]
        if isinstance(result, Tensor)
        else zip(result, copy, strict=False)
        if isinstance(result, (tuple, list))
        else ()
    )
    for one, two in pairs:
        if isinstance(one, Tensor) and isinstance(two, Tensor):
            remember(one, two)
    return result


def put(container: Tensor, index: Any, value: Any) -> None:
    """`container[index] = value`, whose values stay known where the new ones are."""
    copy = known(container)
    if copy is not None and all_known([container, value]) and (index is None or all_known([container, index])):
        copy = copy.clone()
        copy[_copy(index)] = _copy(value)
    else:
        copy = None
    container[index] = value
    remember(container, copy)


def picked(value: Tensor, index: Any) -> Any:
    """`value[index]`; a list with slices in it has one place for each axis, as a tuple has."""
    if isinstance(index, list) and any(isinstance(one, (slice, type(None), type(...))) for one in index):
        index = tuple(index)
    if value.is_meta and tensors_among([index]) and all_known([value, index]):  # such as a mask, which says how many
        copy = _copy(value)[_copy(index)]
        return remember(copy.to("meta"), copy)
    return with_known(operator.getitem, [value, index], {}, value[index])


def _copy(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(map(_copy, value)) if type(value) in (list, tuple) else value
    copy = known(value)
    return value if copy is None else copy
