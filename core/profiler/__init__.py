"""What a network costs, before it runs: a row per layer, exact bytes, and what would make it fit.

Everything is imported when it is first asked for: the records alone need no more than torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.profiler.profiling import profile, profile_in
    from core.profiler.results import Profile
    from core.profiler.rows import Failure, LayerShapeError, Row
    from core.profiler.setting import LOSSES, Setting

__all__ = [
    "LOSSES",
    "Failure",
    "LayerShapeError",
    "Profile",
    "Row",
    "Setting",
    "profile",
    "profile_in",
]

_HOMES = {
    "profiling": ("profile", "profile_in"),
    "results": ("Profile",),
    "rows": ("Failure", "LayerShapeError", "Row"),
    "setting": ("LOSSES", "Setting"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"core.profiler.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
