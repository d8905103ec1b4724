"""The dispatch mode under which every operation of PyTorch works on fake tensors, and all who listen hear of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from core.profiler.fake_tensor import conjugates, known_values, shape_cache
from core.profiler.fake_tensor.accumulation import accumulated
from core.profiler.fake_tensor.argument_checks import BAGS, CHECKED, EMBEDDINGS, check_arguments
from core.profiler.fake_tensor.embedding_bag import bag_recipe
from core.profiler.fake_tensor.known_values import BY_VALUES, READS_VALUES, SMALL, SMALL_RESULT, on_values, with_values
from core.profiler.fake_tensor.sparse import added, made_of, sparse_parts
from core.profiler.fake_tensor.tensor import CPU, FakeTensor, MemoryBlock, Spec, dense, reads_values, span, spec_of

aten = torch.ops.aten

META = torch.device("meta")
# what backward writes into fresh zeros: of fake tensors PyTorch makes another copy, of real ones it does not
INTO_ZEROS = {
    *(aten.index_put.default, aten.scatter.src, aten.scatter.value, aten.scatter_add.default, aten.index_add.default),
    *(aten.masked_scatter.default, aten.select_scatter.default, aten.slice_scatter.default),
}


class FakeTensorMode(TorchDispatchMode):
    """Runs operations on fake tensors.

    `before_op()` is called before each operation and `on_op(func, args, outputs, recipe)` after it, where two calls
    with one recipe are the same in all that sizes can tell (None: nobody knows); `on_block(block)` at each new
    storage, `on_free(block)` when its last view is gone.

    `is_real`: every operation is computed, and sizes are those of the results. It needs the memory of a real run.
    """

    def __init__(
        self,
        on_op: Callable[..., None] | None = None,
        on_block: Callable[[MemoryBlock], None] | None = None,
        on_free: Callable[[MemoryBlock], None] | None = None,
        is_real: bool = False,
    ) -> None:
        super().__init__()
        self.is_real = is_real
        self.on_op, self.on_block, self.on_free = on_op, on_block, on_free
        self.before_op: Callable[[], None] | None = None
        self.conjugate_bytes: int | None = None  # that the last operation wrote out; None before the first conjugate
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
        fake = self.fake((size, stride, 0, dtype), span(size, stride) * dtype.itemsize, requires_grad)
        if self.is_real:
            with torch._C._DisableTorchDispatch():
                fake.know(torch.zeros(span(size, stride), dtype=dtype, device=CPU).as_strided(size, stride))
        return fake

    def fake(self, spec: Spec, nbytes: int, requires_grad: bool = False) -> FakeTensor:
        """The same, of a storage of known size."""
        return FakeTensor(spec, self._block(nbytes), requires_grad)

    def _block(self, nbytes: int) -> MemoryBlock:
        block = MemoryBlock(nbytes, self.on_free)
        if self.on_block is not None:
            self.on_block(block)
        return block

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        if torch.is_inference_mode_enabled():  # autograd, which takes `linear` apart elsewhere, is left out there
            with self:
                parts = func.decompose(*args, **(kwargs or {}))
            if parts is not NotImplemented:
                return parts
        fakes: list[FakeTensor] = []
        key: Any = (id(func), shape_cache.signature(args, fakes))  # an operation is never let go, and its hash is slow
        if kwargs:
            key = (*key, shape_cache.signature(tuple(kwargs.items()), fakes))
        if not fakes:
            return self._constant(func, args, kwargs or {}, key)
        if self.before_op is not None:
            self.before_op()
        recipe = None if self.is_real else shape_cache.recall(key)
        outputs: Any = accumulated(func, fakes) if self.before_op is not None else None
        if outputs is not None:
            recipe = None
        elif recipe is not None:
            outputs = self._again(recipe, fakes)
        elif self.is_real:
            outputs = self._really(func, args, kwargs or {}, fakes)
        else:
            outputs, recipe = self._first(func, args, kwargs or {}, key, fakes)
        first = fakes[0]
        if first.is_known and not self.is_real:
            known_values.carry(func, args, kwargs or {}, fakes, outputs)
        if first.block.is_fixed:
            _fix(func, args, fakes, outputs)
        if func is conjugates.MARK or self.conjugate_bytes is not None:
            self.conjugate_bytes = conjugates.written_out(func, fakes, outputs)
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
        if func in CHECKED:
            check_arguments(func, args)
        if func in READS_VALUES:
            return self._by_values(func, args, kwargs), None
        if func is aten.index.Tensor:
            args = (args[0], known_values.picked(*args))
        parts = sparse_parts(func, args)
        if parts is not None:
            return made_of(*parts, self._block(0)), None
        if func is aten.add.Tensor and len(fakes) == 2 and all(fake.block.parts for fake in fakes):
            return added(fakes, self.empty, lambda: self._block(0)), None
        if self.before_op is not None and func in INTO_ZEROS:
            return args[0], None
        is_bag = func in BAGS and args[0].dim() == 2
        recipe = bag_recipe(*args) if is_bag else shape_cache.by_rule(func, args, kwargs)
        if recipe is not None:
            shape_cache.remember(key, recipe)
            return self._again(recipe, fakes), recipe
        return self._on_meta(func, args, kwargs, key, fakes)

    def _by_values(self, func: Any, args: tuple, kwargs: dict) -> Any:
        """The results of an operation whose sizes follow from values."""
        rule = BY_VALUES.get(func)
        if rule is None:
            return self._wrap_values(on_values(func, args, kwargs), {}, {})
        try:
            made = rule(*args, **kwargs)
        except LookupError:
            raise reads_values(func.name()) from None
        spec, *rest = (made,) if isinstance(made[-1], torch.dtype) else made
        fake = self.fake(spec, span(spec[0], spec[1]) * spec[3].itemsize)
        return (fake, *rest) if rest else fake

    def _really(self, func: Any, args: tuple, kwargs: dict, fakes: list[FakeTensor]) -> Any:
        """The results by the operation itself, on the values."""
        if func in EMBEDDINGS:
            check_arguments(func, args)
        if self.before_op is not None and func in INTO_ZEROS:
            args[0].carried.copy_(on_values(func, args, kwargs))
            return args[0]
        result = on_values(func, args, kwargs)
        parts = sparse_parts(func, args)
        if parts is not None:
            return made_of(*parts, self._block(0)).know(result)
        if torch.Tag.inplace_view in func.tags:
            _reshape_in_place(func, args, kwargs, fakes, with_values)
        known = {id(fake.carried): fake for fake in fakes}
        blocks = {_storage_id(fake.carried): fake.block for fake in fakes}
        if func is aten._pack_padded_sequence.default:  # PyTorch's recurrent layers read the second result
            return self._wrap_values(result[0], known, blocks), result[1]
        return self._wrap_values(result, known, blocks)

    def _wrap_values(self, result: Any, known: dict[int, FakeTensor], blocks: dict[int, MemoryBlock]) -> Any:
        """A result that has values, as fake tensors; what has no strides stays as it is."""
        if isinstance(result, (tuple, list)):
            return type(result)(self._wrap_values(part, known, blocks) for part in result)
        if not isinstance(result, Tensor) or result.layout is not torch.strided:
            return result
        if id(result) in known:
            return known[id(result)]
        key = _storage_id(result)
        if key not in blocks:
            blocks[key] = self._block(result.untyped_storage().nbytes())
        return FakeTensor(spec_of(result), blocks[key]).know(result)

    def _on_meta(
        self, func: Any, args: tuple, kwargs: dict, key: Any, fakes: list[FakeTensor]
    ) -> tuple[Any, shape_cache.OpRecipe | None]:
        """The same by the shape rule of PyTorch."""
        recipe = None
        inner_kwargs = {name: _inner(value) for name, value in kwargs.items()}
        if "device" in inner_kwargs:
            inner_kwargs["device"] = META
        result = shape_cache.run_on_meta(func, [_inner(value) for value in args], inner_kwargs)
        if isinstance(result, Tensor) and result.layout is not torch.strided:
            return self._sparse(func, result), None
        if torch.Tag.inplace_view in func.tags:
            _reshape_in_place(func, args, kwargs, fakes, lambda fake: fake.on_meta)
        else:
            recipe = shape_cache.recipe_of(result, fakes)
            if recipe is not None:
                shape_cache.remember(key, recipe)
        blocks = {fake.block.storage_id: fake.block for fake in fakes}
        return self._faked(result, {id(fake.on_meta): fake for fake in fakes}, blocks), recipe

    def _sparse(self, func: Any, result: Tensor) -> FakeTensor:
        """A sparse result, with parts of its own."""
        if result.layout is not torch.sparse_coo:
            raise shape_cache.NoRule(f"{func.name()} gives a tensor of {result.layout}")
        places, rows = result._indices(), result._values()
        parts = self.empty(places.shape, None, places.dtype), self.empty(rows.shape, None, rows.dtype)
        return made_of(tuple(result.shape), *parts, self._block(0))

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
            is_small = sketch.numel() <= SMALL_RESULT and not sketch.is_floating_point()
            is_known = self.is_real or (is_small and torch.Tag.nondeterministic_seeded not in func.tags)
            return self._wrap_values(func(*args, **kwargs), {}, {}) if is_known else self._wrap(sketch, {})
        if torch.Tag.nondeterministic_seeded not in func.tags:
            self._small.add(key)
            return func(*args, **kwargs)
        state = torch.get_rng_state()
        try:
            return func(*args, **kwargs)
        finally:
            torch.set_rng_state(state)


def _reshape_in_place(
    func: Any, args: tuple, kwargs: dict, fakes: list[FakeTensor], inner: Callable[[FakeTensor], Tensor]
) -> None:
    """x.squeeze_() and the like: the fake tensor itself takes the new sizes, as its inner tensor has done."""
    with torch._C._DisableTorchDispatch(), torch._C._AutoDispatchBelowAutograd():
        func(*args, **kwargs)
    for fake in fakes:
        fake.spec = spec_of(inner(fake))


def _fix(func: Any, args: tuple, fakes: list[FakeTensor], outputs: Any) -> None:
    """What is made of fixed tensors alone is fixed; what an input is written into is not.

    Constants made inside may be as many as the batch, and do not count as fixed.
    """
    if all(fake.block.is_fixed for fake in fakes) and not any(type(value) is Tensor for value in args):
        for part in outputs if isinstance(outputs, (tuple, list)) else (outputs,):
            if isinstance(part, FakeTensor):
                part.block.is_fixed = True
    elif func._schema.is_mutable:
        fakes[0].block.is_fixed = False


def _storage_id(tensor: Tensor | None) -> int:
    return 0 if tensor is None or tensor.layout is not torch.strided else tensor.untyped_storage()._cdata


def _inner(value: Any) -> Any:
    if isinstance(value, FakeTensor):
        return value.on_meta
    if isinstance(value, Tensor):
        return value.to(META)
    if isinstance(value, (list, tuple)):
        return [_inner(part) for part in value]
    return value
