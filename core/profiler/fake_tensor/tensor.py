"""A tensor that says it lies on the CPU, while its inner tensor lies on the meta device and holds nothing.

PyTorch takes the very path it would take for a real CPU tensor (autocast, fused attention, autograd), only the last
step, the kernel, is replaced by the shape rule of the meta device. So what is saved for backward, and when it is let
go, is what a real run would save and let go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core.errors import PlaygroundError

NO_OWNER = -2  # the owner of a storage that no row has written

CPU = torch.device("cpu")

# size, strides, offset in the storage, type: all that a shape rule can know of a tensor
Spec = tuple[tuple[int, ...], tuple[int, ...], int, torch.dtype]


class MemoryBlock:
    """One storage: the bytes behind a fake tensor and all its views. When the last one goes, `on_free` hears of it."""

    __slots__ = (
        *("__weakref__", "birth", "is_fixed", "is_saved", "is_stale", "nbytes", "on_free", "owner", "parts", "storage"),
    )

    def __init__(self, nbytes: int, on_free: Callable[[MemoryBlock], None] | None) -> None:
        self.nbytes = nbytes
        self.on_free = on_free
        self.birth = -1
        self.is_saved = False
        self.is_fixed = False  # the same for every input: a weight, a buffer, or made of these alone
        self.is_stale = False  # something unknown was written into it, so that no view of it has known values
        self.owner = NO_OWNER
        self.parts: tuple[Tensor, ...] = ()  # of a sparse tensor: its places and its rows
        self.storage: torch.UntypedStorage | None = None  # what the inner tensors of all views share

    @property
    def storage_id(self) -> int:
        """What tells the storage from others; known once an inner tensor has been made."""
        assert self.storage is not None
        return self.storage._cdata

    def lay_out(self, spec: Spec) -> Tensor:
        """A meta tensor on this storage, which is made when the first is asked for."""
        size, stride, offset, dtype = spec
        if self.storage is None:
            whole = torch.empty_strided(size, stride, dtype=dtype, device="meta")
            self.storage = whole.untyped_storage()
            if offset == 0 and self.storage.nbytes() == self.nbytes:
                return whole
            self.storage = torch.UntypedStorage(self.nbytes, device="meta")
        return torch.empty(0, dtype=dtype, device="meta").set_(self.storage, offset, size, stride)

    def __del__(self) -> None:
        if self.on_free is not None:
            self.on_free(self)


class ValueRead(PlaygroundError):
    """The network asks for a value, and there is only a shape."""


class FakeTensor(Tensor):
    """A tensor without bytes; `spec` says size, strides and type, `block` is the storage.

    Where `is_known`, real values ride along: those of `origin` until somebody asks, then a copy of our own.
    """

    spec: Spec
    block: MemoryBlock
    is_known: bool = False
    is_conjugate: bool = False  # a view that is to be conjugated when it is read
    origin: Tensor | None = None
    _on_meta: Tensor | None = None
    _carried: Tensor | None = None
    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @staticmethod
    def __new__(cls, spec: Spec, block: MemoryBlock, requires_grad: bool = False) -> FakeTensor:
        size, stride, offset, dtype = spec
        fake = _wrapper(cls, size, stride, offset, None, dtype, torch.strided, CPU, False, requires_grad)
        fake.spec = spec
        fake.block = block
        return fake

    @property
    def on_meta(self) -> Tensor:
        """The same on the meta device, made when a shape rule asks for it."""
        if self._on_meta is None:
            self._on_meta = self.block.lay_out(self.spec)
        return self._on_meta

    @property
    def carried(self) -> Tensor | None:
        """A real tensor with the values, None where they are not known."""
        if self.block.is_stale:
            return None
        if self._carried is None and self.origin is not None:
            with torch._C._DisableTorchDispatch():
                copied = self.origin.detach().to(CPU, self.spec[3], copy=True)
                laid_out = copied.stride() == self.spec[1]
                self._carried = (
                    copied if laid_out else torch.empty_strided(*self.spec[:2], dtype=copied.dtype, device=CPU)
                )
                if not laid_out:
                    self._carried.copy_(copied)
            self.origin = None
        return self._carried

    def know(self, values: Tensor) -> FakeTensor:
        """This fake tensor with real values, which it shares with its views."""
        self._carried = values
        self.is_known = True
        return self

    def _readable(self, how: str) -> Tensor:
        values = self.carried
        if values is None:
            raise reads_values(how)
        return values

    def tolist(self) -> Any:
        return self._readable("tolist").tolist()

    def numpy(self, *, force: bool = False) -> Any:
        return self._readable("numpy").numpy(force=force)

    def __format__(self, spec: str) -> str:
        """As PyTorch writes a number; one that nobody knows is nan where it is only written with so many digits."""
        if self.dim():
            return format(repr(self), spec)
        values = self.carried if spec else self._readable("format")
        return format(float("nan") if values is None else values.item(), spec)

    def data_ptr(self) -> int:
        """A number that tells storages apart, as networks use it; there is nothing at that place."""
        return id(self.block)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:  # numpy's signature
        return self._readable("numpy").numpy().__array__(dtype)

    def alias(self) -> FakeTensor:
        """Another tensor of the same size on the same storage, which autograd knows nothing of."""
        other = FakeTensor(self.spec, self.block)
        other.is_known, other.origin, other.is_conjugate = self.is_known, self.origin, self.is_conjugate
        other._on_meta, other._carried = self._on_meta, self._carried
        return other

    def adopt(self, inner: Tensor) -> FakeTensor:
        """This fake tensor with an inner tensor that is there already."""
        self._on_meta = inner
        return self

    def __repr__(self) -> str:  # type: ignore[override]  # mypy refuses even torch's own signature here
        return f"FakeTensor({tuple(self.shape)}, {self.dtype})"

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]  # the stub has a function where there is a class method
        cls, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        raise RuntimeError(f"{func} is called where the profiler does not hear of it, in a thread of its own, say")


def reads_values(how: str) -> ValueRead:
    """What is raised where a network asks for a value that nobody knows."""
    return ValueRead(
        f"this network reads the values of a tensor ({how}), and before it runs there are only shapes: decide by "
        "shapes or by constants instead"
    )


# (class, size, strides, offset, memory format, type, layout, device, pinned, requires_grad): a keyword each costs more
_wrapper = Tensor._make_wrapper_subclass


def spec_of(tensor: Tensor) -> Spec:
    return tuple(tensor.shape), tensor.stride(), int(tensor.storage_offset()), tensor.dtype


def span(size: tuple[int, ...], stride: tuple[int, ...]) -> int:
    """Cells from the first to the last of a tensor.

    >>> span((2, 3), (3, 1)), span((2, 3), (5, 1)), span((0, 3), (3, 1)), span((), ())
    (6, 8, 0, 1)
    """
    return 0 if 0 in size else 1 + sum([(side - 1) * step for side, step in zip(size, stride, strict=True)])


def dense(size: tuple[int, ...]) -> tuple[int, ...]:
    """Strides without gaps, the last axis closest together.

    >>> dense((2, 3, 4))
    (12, 4, 1)
    """
    steps = [1]
    for side in reversed(size[1:]):
        steps.append(steps[-1] * (side or 1))
    return tuple(reversed(steps)) if size else ()


def is_channels_last(tensor: Tensor) -> bool:
    """Whether PyTorch takes (N, C, ...) for laid out N, ..., C; it takes what could be both for the usual layout.

    The same steps as `is_channels_last_strides_2d` of c10/core/MemoryFormat.h.
    """
    sizes, strides = tensor.shape, tensor.stride()
    if len(sizes) not in _ORDER or strides[1] == 0:
        return False
    least = 0
    for axis in _ORDER[len(sizes)]:
        if sizes[axis] == 0 or strides[axis] < least or (axis == 0 and least == strides[1]):
            return False
        least = strides[axis] * max(1, sizes[axis])
    return True


_ORDER = {4: (1, 3, 2, 0), 5: (1, 4, 3, 2, 0)}
