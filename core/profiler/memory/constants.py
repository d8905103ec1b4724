"""Small tensors that a network makes inside, which stay real; what autograd keeps of them is booked like the rest."""

from __future__ import annotations

import weakref
from typing import NamedTuple

import torch
from torch import Tensor

from core.profiler.fake_tensor.tensor import MemoryBlock
from core.profiler.memory.categories import SAVED
from core.profiler.memory.usage import Ledger


class Kept(NamedTuple):
    """A constant in a node of the graph, and the storage that stands for its own in the ledger."""

    tensor: Tensor
    block: MemoryBlock


class Constants:
    """Each storage is booked once, from when the first node keeps it until the last lets go."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._blocks: weakref.WeakValueDictionary[int, MemoryBlock] = weakref.WeakValueDictionary()

    def keep(self, tensor: Tensor) -> Kept | Tensor:
        """What a node keeps in place of a constant; sparse ones are as they are."""
        if tensor.layout is not torch.strided:
            return tensor
        storage = tensor.untyped_storage()
        block = self._blocks.get(storage._cdata)
        if block is None:
            block = self._blocks[storage._cdata] = self._ledger.make(storage.nbytes())
            self._ledger.classify(block, SAVED)
        return Kept(tensor, block)


def unpacked(saved: Kept | Tensor) -> Tensor:
    """The tensor that a node kept."""
    return saved.tensor if isinstance(saved, Kept) else saved
