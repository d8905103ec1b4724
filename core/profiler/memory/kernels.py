"""What kernels hold for themselves while they run, on top of inputs and outputs."""

from __future__ import annotations

from typing import Any


def workspace(func: Any, args: tuple, outputs: Any, device: str) -> int:
    """Bytes above what is live when the operation returns, at the fullest moment inside it."""
    return 0
