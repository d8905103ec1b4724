"""What this processor can do, as far as oneDNN's choice of a kernel, and so memory, depends on it."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from typing import Any

import torch

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
