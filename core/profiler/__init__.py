"""What a network costs, before it runs: a row per layer, its bytes, and what would make it fit.

Everything is imported when it is first asked for: the records alone need no more than torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.profiler.profiling import profile, profile_in
    from core.profiler.results import Profile
    from core.profiler.rows import Failure, LayerError, LayerShapeError, Row
    from core.profiler.setting import LOSSES, Setting

__all__ = ["LOSSES", "Failure", "LayerError", "LayerShapeError", "Profile", "Row", "Setting", "profile", "profile_in"]


def __getattr__(name: str) -> Any:
    for home in ("rows", "setting", "results", "profiling") if name in __all__ else ():  # the lightest first
        module = importlib.import_module(f"core.profiler.{home}")
        if hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
