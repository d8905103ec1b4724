"""What one kernel asks of a device: the family it belongs to, its products, and the bytes it moves."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class KernelCall:
    """One kernel as far as its time is concerned.

    Attributes:
        family: kernels whose times follow one curve, such as "convolution forward dense".
        dtype: the type it computes in, without "torch.".
        macs: multiply-accumulates.
        read, written: bytes.
        terms: what its time is a sum of, one rate for each: a call, bytes, products with channels filled up, ...
        sizes: binary logarithms of the sizes that tell kernels of one family apart: the nearest are the most alike.
    """

    family: str
    dtype: str
    macs: int
    read: int
    written: int
    terms: tuple[float, ...]
    sizes: tuple[float, ...]

    @property
    def nbytes(self) -> int:
        """Bytes in and out."""
        return self.read + self.written


@dataclass(frozen=True, slots=True)
class TimedKernel:
    """A kernel, and the seconds that it took."""

    kernel: KernelCall
    seconds: float


def tensors_of(value: Any) -> Iterator[Tensor]:
    """Every tensor in nested lists and tuples."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from tensors_of(part)


def bytes_of(tensor: Tensor) -> int:
    """Bytes that a kernel goes through: a cell that is repeated by a stride of 0 counts once."""
    if tensor.layout is not torch.strided:
        return 0
    cells = math.prod(side for side, step in zip(tensor.shape, tensor.stride(), strict=True) if step)
    return cells * tensor.element_size() if tensor.numel() else 0


def moving(family: str, sources: Any, results: Any, macs: int = 0, work: float = 0.0, sizes: Any = ()) -> KernelCall:
    """A kernel whose time goes with the bytes it reads and writes, and with `work`, if it does more than that."""
    inputs, outputs = list(tensors_of(sources)), list(tensors_of(results))
    read, written = sum(map(bytes_of, inputs)), sum(map(bytes_of, outputs))
    main = max(inputs or outputs, key=lambda tensor: (tensor.is_floating_point(), bytes_of(tensor)))
    terms = (1.0, float(read), float(written), *((float(work),) if work else ()))
    marks = (log2(read), log2(written), *((log2(work),) if work else ()), *map(log2, sizes))
    return KernelCall(family, name_of(main.dtype), macs, read, written, terms, marks)


def name_of(dtype: torch.dtype) -> str:
    """The name of a type without its module.

    >>> name_of(torch.bfloat16)
    'bfloat16'
    """
    return str(dtype).removeprefix("torch.")


def log2(value: float) -> float:
    """The binary logarithm; 0 for what is less than 1."""
    return math.log2(max(value, 1.0))
