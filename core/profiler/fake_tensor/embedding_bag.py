"""The sizes of `nn.EmbeddingBag`'s results on the processor; PyTorch's own rule gives those of a GPU."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from core.profiler.fake_tensor.shape_cache import OpRecipe, TensorRecipe
from core.profiler.fake_tensor.tensor import dense

SUM, MEAN, MAX = range(3)


def bag_recipe(
    weight: Tensor,
    indices: Tensor,
    offsets: Tensor,
    scale: bool = False,
    mode: int = SUM,
    sparse: bool = False,
    weights: Any = None,
    with_last: bool = False,
    padding: int = -1,
) -> OpRecipe:
    """The bags, the bag of each word, the words in each bag, and in which word each maximum is."""
    bags, words, width = offsets.shape[0] - with_last, indices.shape[0], weight.shape[1]
    output = _fresh((bags, width), weight.dtype)
    # its place of one word more stays; sums need it only to leave words out
    bag_of_word = TensorRecipe(((words,), (1,), 0, offsets.dtype), (words + 1) * offsets.itemsize)
    if mode == SUM and padding < 0 and weight.dtype in (torch.float32, torch.float16, torch.bfloat16):
        bag_of_word = _fresh((0,), offsets.dtype)
    maxima = _fresh((bags, width) if mode == MAX else (bags,), offsets.dtype)
    return OpRecipe(tuple, (output, bag_of_word, _fresh((bags,), offsets.dtype), maxima))


def _fresh(size: tuple[int, ...], dtype: torch.dtype) -> TensorRecipe:
    cells = 1
    for side in size:
        cells *= side
    return TensorRecipe((size, dense(size), 0, dtype), cells * dtype.itemsize)
