"""Tensors that have a shape, a type and a storage of known size, but no bytes: a network runs on them for free."""

from core.profiler.fake_tensor.copying import fake_copy, named_modules
from core.profiler.fake_tensor.mode import FakeTensorMode, ValueRead
from core.profiler.fake_tensor.shape_cache import OpRecipe
from core.profiler.fake_tensor.tensor import NO_OWNER, FakeTensor, MemoryBlock

__all__ = [
    "NO_OWNER",
    "FakeTensor",
    "FakeTensorMode",
    "MemoryBlock",
    "OpRecipe",
    "ValueRead",
    "fake_copy",
    "named_modules",
]
