"""What this processor can do, and how oneDNN lays out weights on it: in blocks of channels that are filled up."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

_LADDER = ("AVX512_CORE", "AVX512_CORE_BF16", "AVX512_CORE_FP16", "AVX512_CORE_AMX")


@functools.cache
def _capabilities() -> Mapping[str, Any]:
    return torch.cpu.get_capabilities()


def _allowed(instructions: str) -> bool:
    """Whether oneDNN's own switch, for those who hold it back from newer instructions, lets it use these."""
    widest = os.environ.get("ONEDNN_MAX_CPU_ISA", "ALL").upper()
    if widest not in _LADDER:
        return widest in ("ALL", "DEFAULT") or "AMX" in widest
    return _LADDER.index(instructions) <= _LADDER.index(widest)


@functools.cache
def has_avx512() -> bool:
    """Whether channels go into blocks of 16, and convolutions in 16 bit run on oneDNN at all."""
    return "AVX512" in torch.backends.cpu.get_cpu_capability() and _allowed("AVX512_CORE")


@functools.cache
def has_half_products() -> bool:
    """Whether pairs of bf16 are multiplied and added at once."""
    return has_avx512() and _allowed("AVX512_CORE_BF16") and bool(_capabilities().get("avx512_bf16"))


@functools.cache
def has_amx() -> bool:
    """Whether convolutions in bf16 run on matrix tiles."""
    return has_half_products() and _allowed("AVX512_CORE_AMX") and bool(_capabilities().get("amx_bf16"))


@functools.cache
def cache_bytes() -> int:
    """The second-level cache of a core, to which tiles are cut."""
    return int(_capabilities().get("l2_cache_size") or 2 << 20)


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
