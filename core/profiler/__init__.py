"""What a network costs, before it runs: a row per layer, exact bytes, and what would make it fit."""

from core.profiler.profiling import profile
from core.profiler.records import Failure, LayerShapeError, Profile, Row

__all__ = ["Failure", "LayerShapeError", "Profile", "Row", "profile"]
