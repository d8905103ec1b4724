"""What PyTorch's rules for sizes let pass and its operations do not: types, channels of transposed convolutions."""

from __future__ import annotations

from typing import Any

import torch

from core.errors import PlaygroundError
from core.profiler.fake_tensor.tensor import MemoryBlock
from core.shapes.transposed import check_transposed

aten = torch.ops.aten

BAGS = {aten._embedding_bag.default, aten._embedding_bag_forward_only.default}
EMBEDDINGS = {aten.embedding.default, *BAGS}
PRODUCTS = (aten.mm.default, aten.bmm.default, aten.addmm.default, aten.baddbmm.default)
CHECKED = {*EMBEDDINGS, *PRODUCTS, aten.convolution.default}


class FloatTokens(PlaygroundError):
    """An embedding is given floats: `block` is their storage, `entries` the number of embeddings there are."""

    def __init__(self, block: MemoryBlock | None, entries: int) -> None:
        super().__init__("an embedding looks up whole numbers, not floats: give dtype=torch.int64")
        self.block, self.entries = block, entries


def check_arguments(func: Any, args: tuple) -> None:
    """Compares types and channels. Raises: FloatTokens; RuntimeError as PyTorch does where there is memory."""
    if func in EMBEDDINGS:
        if args[1].is_floating_point():
            raise FloatTokens(getattr(args[1], "block", None), args[0].shape[0])
        return
    if func is aten.convolution.default:
        if args[6]:
            check_transposed(args[0], args[1], args[3], args[5], args[7])
        return
    left, right = args[-2:] if func in PRODUCTS[:2] else args[1:3]
    if left.dtype != right.dtype:
        raise RuntimeError(f"both matrices must have the same dtype, not {left.dtype} and {right.dtype}")
