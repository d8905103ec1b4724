"""Tensors that have a shape, a type and a storage of known size, but no bytes: a network runs on them for free."""

from core.profiler.ghosts.copying import ghost_copy, named_modules
from core.profiler.ghosts.kernels import Recipe
from core.profiler.ghosts.mode import GhostMode, ValueRead
from core.profiler.ghosts.tensor import NOBODY, Block, Ghost

__all__ = ["NOBODY", "Block", "Ghost", "GhostMode", "Recipe", "ValueRead", "ghost_copy", "named_modules"]
