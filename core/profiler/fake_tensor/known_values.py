"""Real values that ride along with fake tensors: what is computed from known values alone is known.

So a network may read its own constants and counters, and what follows from them. Where it reads what nobody knows,
`reads_values` is raised.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core.profiler.fake_tensor.tensor import FakeTensor, Spec, dense, reads_values

aten = torch.ops.aten
SMALL = 1024  # cells up to which a weight's values ride along, and a constant made inside stays a real tensor
SMALL_RESULT = 1 << 16  # the same of what is computed from known values, and of constants that a network holds
SMALL_WHOLE = 1 << 20  # the same of whole numbers and masks that are there before the network runs

READS_VALUES = {
    aten._local_scalar_dense.default,
    aten.nonzero.default,
    aten.masked_select.default,
    aten._unique2.default,
    aten.unique_consecutive.default,
    aten.unique_dim.default,
    aten.repeat_interleave.Tensor,
    aten.bincount.default,
    aten.equal.default,
    aten._pack_padded_sequence.default,
}


def is_small(tensor: Tensor) -> bool:
    """Whether a tensor that stands before the network runs is small enough for its values to ride along."""
    if not tensor.is_floating_point() and not tensor.is_complex():
        return tensor.numel() <= SMALL_WHOLE
    return tensor.numel() <= (SMALL if isinstance(tensor, torch.nn.Parameter) else SMALL_RESULT)


def with_values(value: Any) -> Any:
    """An argument with values in place of fake tensors. Raises: LookupError where one has none."""
    if isinstance(value, FakeTensor):
        values = value.carried
        if values is None:
            raise LookupError
        return values
    if isinstance(value, (list, tuple)):
        return [with_values(part) for part in value]
    return value


def carry(func: Any, args: tuple, kwargs: dict, fakes: list[FakeTensor], outputs: Any) -> None:
    """Gives the results of an operation their values, where all that it is given is known."""
    results = [part for part in (outputs if isinstance(outputs, (list, tuple)) else (outputs,)) if part is not None]
    if all(fake.is_known for fake in fakes) and _is_repeatable(func, results):
        try:
            values = func(*with_values(args), **{name: with_values(value) for name, value in kwargs.items()})
        except LookupError:
            pass
        else:
            listed = values if isinstance(values, (list, tuple)) else (values,)
            known = [part for part in listed if part is not None]
            for result, part in zip(results, known, strict=True):
                if isinstance(result, FakeTensor):
                    result.know(part)
            return
    if func._schema.is_mutable:
        fakes[0].block.is_stale = True


def _is_repeatable(func: Any, results: list[Any]) -> bool:
    if torch.Tag.nondeterministic_seeded in func.tags:
        return False
    return all(result.numel() <= SMALL_RESULT for result in results if isinstance(result, Tensor))


def on_values(func: Any, args: tuple, kwargs: dict) -> Any:
    """The result of an operation that needs values of all its arguments."""
    try:
        return func(*with_values(args), **{name: with_values(value) for name, value in kwargs.items()})
    except LookupError:
        raise reads_values(func.name()) from None


def picked(x: Tensor, indices: list[Tensor | None]) -> list[Tensor | None]:
    """The indices of x[...] with known masks written as places, so that the size of the result is known."""
    places: list[Tensor | None] = []
    for index in indices:
        if index is None or index.dtype not in (torch.bool, torch.uint8):
            places.append(index)
            continue
        mask = index.carried if isinstance(index, FakeTensor) else index
        if mask is None:
            raise reads_values("aten::index.Tensor")
        places += mask.nonzero().unbind(1)
    return places


def _masked_select(x: Tensor, mask: Tensor) -> Spec:
    known = with_values(mask)
    shape = torch.broadcast_shapes(x.shape, known.shape)
    count = int(known.expand(shape).sum())
    return (count,), (1,), 0, x.dtype


def _packed(x: Tensor, lengths: Tensor, batch_first: bool) -> tuple[Spec, Tensor]:
    """Packed data, and how many sequences go on at each step: real, for PyTorch's recurrent layers read it."""
    known = with_values(lengths)
    cells = torch.zeros(1, dtype=x.dtype).expand(*x.shape[:2], 1)
    _, counts = aten._pack_padded_sequence.default(cells, known, batch_first)
    size = (int(known.sum()), *x.shape[2:])
    return (size, dense(size), 0, x.dtype), counts


BY_VALUES: dict[Any, Callable[..., Any]] = {
    aten.masked_select.default: _masked_select,
    aten._pack_padded_sequence.default: _packed,
}
