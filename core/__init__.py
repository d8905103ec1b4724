"""The subject itself: shapes, layers, networks, memory, data and training. Knows PyTorch, not the browser."""

from __future__ import annotations

from typing import Any

__all__ = ["profile"]


def __getattr__(name: str) -> Any:
    """`from core import profile`, without paying for torch before it is asked for."""
    if name == "profile":
        from core.profiler import profile

        return profile
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
