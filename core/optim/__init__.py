"""Optimizers, learning-rate schedules and precisions: one registry each, and an entry is all that is needed of it."""

from core.optim.optimizers import OPTIMIZERS, Optimizer, OptimizerMemory, get_optimizer
from core.optim.precisions import PRECISIONS, Precision, get_precision
from core.optim.schedules import SCHEDULES, Schedule, get_schedule
from core.without_compiler import spare_compiler
from core.without_symbolic_shapes import spare_symbolic_shapes

spare_compiler()
spare_symbolic_shapes()
