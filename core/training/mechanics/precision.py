"""In which floats the network computes. Weights, gradients and the loss stay fp32 throughout."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch

PRECISIONS: dict[str, torch.dtype | None] = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}


def autocast(precision: str, device: torch.device) -> AbstractContextManager:
    """Inside, convolutions and matrix products compute in that precision.

    Source: Micikevicius et al. 2018, arXiv:1710.03740; `torch.autocast`.
    """
    dtype = PRECISIONS[precision]
    return torch.autocast(device.type, dtype or torch.bfloat16, enabled=dtype is not None)


def scaler(precision: str, device: torch.device) -> torch.amp.GradScaler:
    """Lifts the loss so that small gradients survive fp16, and skips steps that overflow; idle for the others."""
    return torch.amp.GradScaler(device.type, enabled=precision == "fp16")


def quickest() -> str:
    """The precision in which this processor trains fastest: bf16 where it can multiply it, else fp32."""
    capabilities = torch.cpu.get_capabilities()
    return "bf16" if capabilities.get("amx_bf16") or capabilities.get("avx512_bf16") else "fp32"
