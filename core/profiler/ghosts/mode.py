"""The dispatch mode under which every operation of PyTorch works on ghosts, and everybody interested hears of it."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from core.errors import PlaygroundError
from core.profiler.ghosts.kernels import run_on_meta
from core.profiler.ghosts.tensor import Block, Ghost, storage_key

META = torch.device("meta")
SMALL = 1024  # cells; a constant of at most this size stays a real tensor, so that a network may read its value

_READS_VALUES = {
    torch.ops.aten._local_scalar_dense.default,
    torch.ops.aten.nonzero.default,
    torch.ops.aten.masked_select.default,
    torch.ops.aten._unique2.default,
    torch.ops.aten.equal.default,
}


class ValueRead(PlaygroundError):
    """The network asks for a value, and there is only a shape."""


class GhostMode(TorchDispatchMode):
    """Runs operations on ghosts.

    `before_op()` is called before each operation and `on_op(func, args, kwargs, outputs)` after it; `on_block(block)`
    at each new storage, `on_free(block)` when its last view is gone.
    """

    def __init__(
        self,
        on_op: Callable[..., None] | None = None,
        on_block: Callable[[Block], None] | None = None,
        on_free: Callable[[Block], None] | None = None,
    ) -> None:
        super().__init__()
        self.on_op, self.on_block, self.on_free = on_op, on_block, on_free
        self.before_op: Callable[[], None] | None = None
        self._blocks: weakref.WeakValueDictionary[int, Block] = weakref.WeakValueDictionary()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # nothing is compiled here, and guarding against it would import the compiler: a second

    def empty(
        self,
        size: Sequence[int],
        stride: Sequence[int] | None = None,
        dtype: torch.dtype = torch.float32,
        requires_grad: bool = False,
    ) -> Ghost:
        """A new ghost on a storage of its own."""
        if stride is None:
            inner = torch.empty(tuple(size), dtype=dtype, device=META)
        else:
            inner = torch.empty_strided(tuple(size), tuple(stride), dtype=dtype, device=META)
        return self._wrap(inner, requires_grad)

    def blocks(self) -> list[Block]:
        """Every storage that lives now, in the order of their making."""
        return list(self._blocks.values())

    def _wrap(self, inner: Tensor, requires_grad: bool = False) -> Ghost:
        key = storage_key(inner)
        block = self._blocks.get(key)
        if block is None:
            block = Block(inner.untyped_storage().nbytes(), key, self.on_free)
            self._blocks[key] = block
            if self.on_block is not None:
                self.on_block(block)
        return Ghost(inner, block, requires_grad)

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        ghosts: dict[int, Ghost] = {}
        inner_args = [_inner(value, ghosts) for value in args]
        inner_kwargs = {name: _inner(value, ghosts) for name, value in kwargs.items()}
        if not ghosts:
            return self._without_ghosts(func, args, kwargs)
        if func in _READS_VALUES:
            raise ValueRead(
                f"this network reads the values of a tensor ({func.name()}), and before it runs there are only "
                "shapes: decide by shapes or by constants instead"
            )
        if "device" in inner_kwargs:
            inner_kwargs["device"] = META
        if self.before_op is not None:
            self.before_op()
        result = run_on_meta(func, inner_args, inner_kwargs)
        if torch.Tag.inplace_view in func.tags:
            _reshape_in_place(func, args, kwargs)
        outputs = self._ghostly(result, ghosts)
        if self.on_op is not None:
            self.on_op(func, args, kwargs, outputs)
        return outputs

    def _ghostly(self, result: Any, ghosts: dict[int, Ghost]) -> Any:
        """The result of a meta kernel as ghosts; an in-place operation gives back the ghost it was given."""
        if isinstance(result, Tensor):
            ghost = ghosts.get(id(result))
            if ghost is None:
                return self._wrap(result)
            return ghost
        if isinstance(result, (tuple, list)):
            return type(result)(self._ghostly(part, ghosts) for part in result)
        return result

    def _without_ghosts(self, func: Any, args: tuple, kwargs: dict) -> Any:
        """A constant made inside the network: kept real where it is small, else a ghost."""
        if "device" not in kwargs:
            return func(*args, **kwargs)
        sketch = func(*args, **{**kwargs, "device": META})
        if not isinstance(sketch, Tensor):
            return sketch
        if sketch.numel() > SMALL:
            return self._wrap(sketch)
        if torch.Tag.nondeterministic_seeded not in func.tags:
            return func(*args, **kwargs)
        state = torch.get_rng_state()
        try:
            return func(*args, **kwargs)
        finally:
            torch.set_rng_state(state)


def _reshape_in_place(func: Any, args: tuple, kwargs: dict) -> None:
    """x.squeeze_() and the like: the ghost itself takes the new sizes, as its inner tensor has done."""
    with torch._C._DisableTorchDispatch(), torch._C._AutoDispatchBelowAutograd():
        func(*args, **kwargs)


def _inner(value: Any, ghosts: dict[int, Ghost]) -> Any:
    """An argument with its ghosts replaced by their meta tensors; `ghosts` remembers which was which."""
    if isinstance(value, Ghost):
        ghosts[id(value.inner)] = value
        return value.inner
    if isinstance(value, Tensor):
        return value.to(META)
    if isinstance(value, (list, tuple)):
        return [_inner(part, ghosts) for part in value]
    return value
