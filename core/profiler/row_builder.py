"""Rows in the making, and what can be told of a call from its arguments alone."""

from __future__ import annotations

import dataclasses
import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from core.profiler.fake_tensor.tensor import FakeTensor, MemoryBlock
from core.profiler.rows import Row, Shape

DEPTH = 6  # objects within objects that are looked into
_BARE = {bool, int, float, complex, str, bytes, type(None), torch.dtype, torch.device, torch.Size}
_CLOSED = (nn.Module, type, ModuleType, FunctionType, MethodType, BuiltinFunctionType, Tensor)
WHOLE = (nn.MultiheadAttention,)  # have parts, but use only the weights of them


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Every tensor in nested lists, tuples, dicts, dataclasses and other objects that hold tensors.

    Modules are no results, and an object is looked into once.
    """
    if isinstance(value, Tensor):
        yield value
    elif type(value) not in _BARE:
        yield from _inside(value, 0, {id(value)})


def _inside(value: Any, depth: int, visited: set[int]) -> Iterator[Tensor]:
    for part in _parts(value) if depth < DEPTH else ():
        if isinstance(part, Tensor):
            yield part
        elif type(part) not in _BARE and id(part) not in visited:
            visited.add(id(part))
            yield from _inside(part, depth + 1, visited)


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, (list, tuple, set, frozenset, deque)):
        return value
    if isinstance(value, Mapping):
        return list(value.values())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, part.name, None) for part in dataclasses.fields(value)]
    if isinstance(value, _CLOSED):
        return ()
    slots = [name for kind in type(value).__mro__ for name in _names(kind.__dict__.get("__slots__", ()))]
    return [*getattr(value, "__dict__", {}).values(), *(getattr(value, name, None) for name in slots)]


def _names(slots: Any) -> tuple[str, ...]:
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _listed(value: Any) -> Iterator[Tensor]:
    """Every tensor in lists, tuples and dicts: what calls are given is looked at often."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _listed(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _listed(part)


def tensors_given(args: tuple, kwargs: dict) -> list[Tensor]:
    """Every tensor that a call is given."""
    if len(args) == 1 and not kwargs and type(args[0]) is FakeTensor:
        return [args[0]]
    return list(_listed((args, kwargs)))


def shape_of(tensor: Tensor) -> Shape:
    """The size of a tensor; asking is no call of the network."""
    if type(tensor) is FakeTensor:
        return tensor.spec[0]
    with torch._C.DisableTorchFunction():
        return tuple(tensor.shape)


def bytes_of(tensor: Tensor) -> int:
    if type(tensor) is FakeTensor:
        return math.prod(tensor.spec[0]) * tensor.spec[3].itemsize
    with torch._C.DisableTorchFunction():
        return tensor.numel() * tensor.element_size()


def is_layer(module: nn.Module, is_root: bool = False) -> bool:
    """Whether a module is one row: it has no parts, or only parametrizations of its weights.

    What is in TorchScript runs without us hearing of its parts, and is one row. A network of somebody's own that has no
    parts because it only calls functions is shown function by function.
    """
    if isinstance(module, torch.jit.ScriptModule):
        return True
    if is_root and not is_torchs(module):
        return False
    return not module._modules or isinstance(module, WHOLE) or set(module._modules) == {"parametrizations"}


def kind_of(module: nn.Module) -> str:
    """The class of a layer; what TorchScript wraps has that of the original."""
    own = getattr(module, "original_name", None) if isinstance(module, torch.jit.ScriptModule) else None
    return own or type(module).__name__


def is_torchs(module: nn.Module) -> bool:
    return type(module).__module__.startswith("torch.nn.")


class RowBuilder:
    """A row in the making; see `Row` for what becomes of the fields.

    Attributes:
        made: storages and changes in place so far.
        announced: whether it was said that it is at work.
        paid: storages of the parameters that it counts, and how many there are.
        sequence: the number of the first autograd node that may be its.
    """

    attributes: tuple[tuple[str, Any], ...] = ()
    output_shape: Shape = ()
    params = frozen_params = macs = fixed_macs = output_bytes = saved_bytes = allocations = 0
    announced = False
    paid: tuple[tuple[MemoryBlock, int], ...] = ()

    def __init__(
        self, index: int, name: str, kind: str, is_function: bool, shapes: tuple[Shape, ...], sources: tuple[int, ...]
    ) -> None:
        self.index = index
        self.name = name
        self.kind = kind
        self.is_function = is_function
        self.input_shapes = shapes
        self.sources = sources
        self.sequence = torch.autograd._get_sequence_nr()

    def row(self, batch_size: int) -> Row:
        """What it has become; MACs are per picture."""
        first = self.input_shapes[0] if self.input_shapes else ()
        costs = self.params, (self.macs + self.fixed_macs) // batch_size, self.output_bytes, self.saved_bytes
        seen, attributes, sources = self.input_shapes, self.attributes, self.sources
        row = Row(self.name, self.kind, first, self.output_shape, *costs, seen, attributes, sources, self.is_function)
        if not self.fixed_macs and not self.frozen_params:
            return row
        return dataclasses.replace(row, fixed_macs=self.fixed_macs, frozen_params=self.frozen_params)


@dataclass(slots=True)
class ModuleFrame:
    """A module that is running; `draft` where it is itself a row."""

    name: str
    module: nn.Module
    inputs: tuple[Shape, ...]
    draft: RowBuilder | None = None


class TracedModule:
    """A module as it is listened to: all that is the same at each call.

    Attributes:
        forward: what it does when nobody listens.
        is_layer: whether it is one row.
        is_single: whether nobody else has to hear of the functions it calls; layers with parts ask for listeners.
    """

    __slots__ = ("forward", "is_layer", "is_single", "kind", "module", "name")

    def __init__(self, name: str, module: nn.Module, is_root: bool) -> None:
        self.name = name
        self.module = module
        self.kind = kind_of(module)
        self.forward = module.forward
        self.is_layer = is_layer(module, is_root)
        self.is_single = not module._modules and is_torchs(module)
