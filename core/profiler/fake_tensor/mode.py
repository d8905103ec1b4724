"""The dispatch mode under which every operation of PyTorch works on fake tensors, and all who listen hear of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from core.errors import PlaygroundError
from core.profiler.fake_tensor import shape_cache
from core.profiler.fake_tensor.tensor import FakeTensor, MemoryBlock, Spec, dense, span, spec_of

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


class FakeTensorMode(TorchDispatchMode):
    """Runs operations on fake tensors.

    `before_op()` is called before each operation and `on_op(func, args, outputs, recipe)` after it, where two calls
    with one recipe are the same in all that sizes can tell (None: nobody knows); `on_block(block)` at each new
    storage, `on_free(block)` when its last view is gone.
    """

    def __init__(
        self,
        on_op: Callable[..., None] | None = None,
        on_block: Callable[[MemoryBlock], None] | None = None,
        on_free: Callable[[MemoryBlock], None] | None = None,
    ) -> None:
        super().__init__()
        self.on_op, self.on_block, self.on_free = on_op, on_block, on_free
        self.before_op: Callable[[], None] | None = None
        self._small: set[Any] = set()  # keys of operations that make small constants, the same each time

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # nothing is compiled here, and guarding against it would import the compiler: a second

    def empty(
        self,
        size: Sequence[int],
        stride: Sequence[int] | None = None,
        dtype: torch.dtype = torch.float32,
        requires_grad: bool = False,
    ) -> FakeTensor:
        """A new fake tensor on a storage of its own."""
        size = tuple(size)
        stride = dense(size) if stride is None else tuple(stride)
        return self.fake((size, stride, 0, dtype), span(size, stride) * dtype.itemsize, requires_grad)

    def fake(self, spec: Spec, nbytes: int, requires_grad: bool = False) -> FakeTensor:
        """The same, of a storage of known size."""
        return FakeTensor(spec, self._block(nbytes), requires_grad)

    def _block(self, nbytes: int) -> MemoryBlock:
        block = MemoryBlock(nbytes, self.on_free)
        if self.on_block is not None:
            self.on_block(block)
        return block

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        fakes: list[FakeTensor] = []
        key: Any = (id(func), shape_cache.signature(args, fakes))  # an operation is never let go, and its hash is slow
        if kwargs:
            key = (*key, shape_cache.signature(tuple(kwargs.items()), fakes))
        if not fakes:
            return self._constant(func, args, kwargs or {}, key)
        if self.before_op is not None:
            self.before_op()
        recipe = shape_cache.recall(key)
        if recipe is None:
            outputs, recipe = self._first(func, args, kwargs or {}, key, fakes)
        else:
            outputs = self._again(recipe, fakes)
        if self.on_op is not None:
            self.on_op(func, args, outputs, recipe)
        return outputs

    def _again(self, recipe: shape_cache.OpRecipe, fakes: list[FakeTensor]) -> Any:
        """The results of an operation that has been seen before."""
        results = [part and self._result(part, fakes) for part in recipe.parts]
        return results[0] if recipe.kind is None else recipe.kind(results)

    def _result(self, part: shape_cache.TensorRecipe, fakes: list[FakeTensor]) -> FakeTensor:
        if part.spec is None:
            return fakes[part.source]
        block = self._block(part.nbytes) if part.source == shape_cache.NEW else fakes[part.source].block
        return FakeTensor(part.spec, block)

    def _first(
        self, func: Any, args: tuple, kwargs: dict, key: Any, fakes: list[FakeTensor]
    ) -> tuple[Any, shape_cache.OpRecipe | None]:
        """The results by a shape rule, and the recipe that is remembered where nothing but the key decides them."""
        if func in _READS_VALUES:
            raise ValueRead(
                f"this network reads the values of a tensor ({func.name()}), and before it runs there are only "
                "shapes: decide by shapes or by constants instead"
            )
        recipe = shape_cache.by_rule(func, args, kwargs)
        if recipe is not None:
            shape_cache.remember(key, recipe)
            return self._again(recipe, fakes), recipe
        return self._on_meta(func, args, kwargs, key, fakes)

    def _on_meta(
        self, func: Any, args: tuple, kwargs: dict, key: Any, fakes: list[FakeTensor]
    ) -> tuple[Any, shape_cache.OpRecipe | None]:
        """The same by the shape rule of PyTorch."""
        recipe = None
        inner_kwargs = {name: _inner(value) for name, value in kwargs.items()}
        if "device" in inner_kwargs:
            inner_kwargs["device"] = META
        result = shape_cache.run_on_meta(func, [_inner(value) for value in args], inner_kwargs)
        if torch.Tag.inplace_view in func.tags:
            _reshape_in_place(func, args, kwargs, fakes)
        else:
            recipe = shape_cache.recipe_of(result, fakes)
            if recipe is not None:
                shape_cache.remember(key, recipe)
        blocks = {fake.block.storage_id: fake.block for fake in fakes}
        return self._faked(result, {id(fake.on_meta): fake for fake in fakes}, blocks), recipe

    def _faked(self, result: Any, fakes: dict[int, FakeTensor], blocks: dict[int, MemoryBlock]) -> Any:
        """The result of a meta kernel as fake tensors; an in-place operation gives back the one that it was given."""
        if isinstance(result, Tensor):
            fake = fakes.get(id(result))
            return self._wrap(result, blocks) if fake is None else fake
        if isinstance(result, (tuple, list)):
            return type(result)(self._faked(part, fakes, blocks) for part in result)
        return result

    def _wrap(self, inner: Tensor, blocks: dict[int, MemoryBlock]) -> FakeTensor:
        """A fake tensor for a meta tensor, on one of the `blocks` if it is a view."""
        storage = inner.untyped_storage()
        block = blocks.get(storage._cdata)
        if block is None:
            block = blocks[storage._cdata] = self._block(storage.nbytes())
            block.storage = storage
        return FakeTensor(spec_of(inner), block).adopt(inner)

    def _constant(self, func: Any, args: tuple, kwargs: dict, key: Any) -> Any:
        """A constant made inside the network: kept real where it is small, else a fake tensor."""
        if "device" not in kwargs or key in self._small:
            return func(*args, **kwargs)
        sketch = func(*args, **{**kwargs, "device": META})
        if not isinstance(sketch, Tensor):
            return sketch
        if sketch.numel() > SMALL:
            return self._wrap(sketch, {})
        if torch.Tag.nondeterministic_seeded not in func.tags:
            self._small.add(key)
            return func(*args, **kwargs)
        state = torch.get_rng_state()
        try:
            return func(*args, **kwargs)
        finally:
            torch.set_rng_state(state)


def _reshape_in_place(func: Any, args: tuple, kwargs: dict, fakes: list[FakeTensor]) -> None:
    """x.squeeze_() and the like: the fake tensor itself takes the new sizes, as its inner tensor has done."""
    with torch._C._DisableTorchDispatch(), torch._C._AutoDispatchBelowAutograd():
        func(*args, **kwargs)
    for fake in fakes:
        fake.spec = spec_of(fake.on_meta)


def _inner(value: Any) -> Any:
    if isinstance(value, FakeTensor):
        return value.on_meta
    if isinstance(value, Tensor):
        return value.to(META)
    if isinstance(value, (list, tuple)):
        return [_inner(part) for part in value]
    return value
