"""Optimizers that do not import PyTorch's compiler, which takes 65 MB and over a second, and is of no use to them.

PyTorch imports `torch._dynamo` at the first call of a method that is not to be compiled, and with each `step`, so that
a compiler that were at work would know. Where a version of PyTorch does otherwise, nothing changes.
Source: torch/_compile.py and `_use_grad_for_differentiable` in torch/optim/optimizer.py.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch.optim import Optimizer

MARKED = ("add_param_group", "load_state_dict", "state_dict", "zero_grad")  # as not to be compiled
STEP = "_use_grad_for_differentiable.<locals>._use_grad"  # what `step` is


def spare_compiler() -> None:
    """For all optimizers of this process; doing it again is no harm."""
    for name in MARKED:
        method = getattr(getattr(Optimizer, name), "__wrapped__", None)
        if method is not None:
            method.__dynamo_disable = method  # what would replace it is looked up here first
    for kind in vars(torch.optim).values():
        code = getattr(getattr(kind, "step", None), "__code__", None)
        if code is not None and code.co_qualname == STEP:
            kind.step = _step(kind.step.__wrapped__)


def _step(step: Callable[..., Any]) -> Callable[..., Any]:
    """A step through which gradients flow only if the optimizer says so."""

    @functools.wraps(step)
    def wrapped(optimizer: Optimizer, *arguments: Any, **named: Any) -> Any:
        with torch.set_grad_enabled(optimizer.defaults["differentiable"]):
            return step(optimizer, *arguments, **named)

    return wrapped
