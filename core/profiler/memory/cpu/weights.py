"""Weights as oneDNN lays them out: in blocks of channels that are filled up."""

from __future__ import annotations

import math

from torch import Tensor

from core.profiler.memory.cpu.machine import has_avx512


def channel_block() -> int:
    """Channels that oneDNN puts side by side on this machine."""
    return 16 if has_avx512() else 8


def rounded(channels: int) -> int:
    """Channels filled up to whole blocks."""
    return -(-channels // channel_block()) * channel_block()


def blocked_weight(weight: Tensor, groups: int) -> int:
    """Bytes of a weight (O, C / groups, ...) with both filled up; depthwise ones are blocked over the groups."""
    out, channels = weight.shape[0], weight.shape[1]
    few = groups > 1 or channels < channel_block()
    return rounded(out) * (channels if few else rounded(channels)) * math.prod(weight.shape[2:]) * weight.element_size()


def paired_weight(weight: Tensor) -> int:
    """Bytes of a depthwise weight whose every channel is filled up to 16 x 2, as products of pairs of bf16 want it."""
    return 16 * 2 * weight.numel() * weight.element_size()


def tiled_weight(weight: Tensor, groups: int) -> int:
    """Bytes of a weight whose channels are filled up, in each group, to tiles of 16 x 32."""
    tiles = -(-weight.shape[0] // groups // 16) * -(-weight.shape[1] // 32)
    return groups * tiles * 16 * 32 * math.prod(weight.shape[2:]) * weight.element_size()
