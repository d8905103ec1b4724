"""The ghost: a tensor that says it lies on the CPU, while its inner tensor lies on the meta device and holds nothing.

PyTorch takes the very path it would take for a real CPU tensor (autocast, fused attention, autograd), only the last
step, the kernel, is replaced by the shape rule of the meta device. So what is saved for backward, and when it is let
go, is what a real run would save and let go.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

NOBODY = -2  # the owner of a storage that no row has written


class Block:
    """One storage: the bytes behind a ghost and all its views. When the last of them goes, `on_free` hears of it."""

    __slots__ = ("__weakref__", "birth", "is_kept", "key", "nbytes", "on_free", "owner")

    def __init__(self, nbytes: int, key: int, on_free: Callable[[Block], None] | None) -> None:
        self.nbytes = nbytes
        self.key = key
        self.on_free = on_free
        self.birth = -1
        self.is_kept = False
        self.owner = NOBODY

    def __del__(self) -> None:
        if self.on_free is not None:
            self.on_free(self)


class Ghost(Tensor):
    """A tensor without bytes; `inner` (meta device) knows size and strides, `block` the storage."""

    inner: Tensor
    block: Block
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, inner: Tensor, block: Block, requires_grad: bool = False) -> Ghost:
        ghost = Tensor._make_wrapper_subclass(
            cls,
            inner.size(),
            strides=inner.stride(),
            storage_offset=inner.storage_offset(),
            dtype=inner.dtype,
            device="cpu",
            requires_grad=requires_grad,
        )
        ghost.inner = inner
        ghost.block = block
        return ghost

    def __repr__(self) -> str:
        return f"Ghost({tuple(self.shape)}, {self.dtype})"

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        raise RuntimeError(f"{func} met a ghost tensor outside the profiler")


def storage_key(inner: Tensor) -> int:
    """What two views of one storage share."""
    return inner.untyped_storage()._cdata
