"""What fused attention on the CPU holds for itself: the scores of a few queries with some of the keys.

Source: ATen's `native/cpu/FlashAttentionKernel.cpp`. For one thread.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.profiler.fake_tensor.tensor import dense

KEYS = 512  # at a time
SINGLE = 4  # bytes of a score, whatever the type of the queries


def _scores(query: Tensor, key: Tensor) -> tuple[int, int]:
    """Queries (B, H, L, E) and keys that are looked at together."""
    length = query.shape[2]
    together = 256 if length >= 768 else 64 if length >= 192 else 32
    return min(together, length), min(KEYS, key.shape[2])


def forward(args: tuple, outputs: tuple) -> int:
    """Scores, their largest and their sum for each query, and the values added up; scores once more in 16 bit."""
    queries, keys = _scores(args[0], args[1])
    half = args[0].element_size() if args[0].dtype is not torch.float32 else 0
    return SINGLE * queries * (keys + 2 + args[0].shape[3]) + half * queries * keys


def _lies_by_query(tensor: Tensor) -> bool:
    """Whether (B, H, L, E) lies as B, L, H, E without gaps, as a layer that splits its width over heads leaves it."""
    batch, heads, length, width = tensor.shape
    by_batch, by_query, by_head, by_cell = dense((batch, length, heads, width))
    wanted = zip(tensor.shape, tensor.stride(), (by_batch, by_head, by_query, by_cell), strict=True)
    return all(stride == step for side, stride, step in wanted if side > 1)


def backward(args: tuple, outputs: tuple) -> int:
    """Scores and their gradients; and a gradient that does not lie as the queries of a layer do, once more."""
    gradient, query, key = args[:3]
    queries, keys = _scores(query, key)
    half = query.element_size() if query.dtype is not torch.float32 else 0
    copy = 0 if _lies_by_query(gradient) else gradient.nbytes
    return copy + SINGLE * queries * (2 * keys + 1) + half * 2 * queries * keys
