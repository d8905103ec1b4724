"""PyTorch without its compiler, which takes 36 MB and over a second, for those who compile nothing.

PyTorch imports `torch._dynamo` at the first call of any function that is not to be compiled, of which optimizers and
shape rules have many, and with each step of an optimizer. Where a version of PyTorch does otherwise, nothing changes.
Source: torch/_compile.py; `_use_grad_for_differentiable` in torch/optim/optimizer.py.
"""

from __future__ import annotations

import functools
import gc
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

import torch
from torch.optim import Optimizer

from core.without_symbolic_shapes import admit_symbolic_shapes

MARK = "__dynamo_disable"  # what to call in place of a function is looked up here before the compiler is imported
STEP = "_use_grad_for_differentiable.<locals>._use_grad"


def spare_compiler() -> None:
    """For all of this process; `torch.compile` still works, and should have been told so by `admit_compiler`."""
    for function in _uncompiled():
        function.__dict__.setdefault(MARK, function)
    for kind in vars(torch.optim).values():
        code = getattr(getattr(kind, "step", None), "__code__", None)
        if code is not None and code.co_qualname == STEP:
            kind.step = _step(kind.step.__wrapped__)


def admit_compiler() -> None:
    """Functions that are not to be compiled are kept from it again, as PyTorch means it."""
    admit_symbolic_shapes()
    for function in _uncompiled():
        if function.__dict__.get(MARK) is function:
            del function.__dict__[MARK]


def _uncompiled() -> list[FunctionType]:
    """All functions so far that PyTorch marks as not to be compiled, known by the one wrapper that they have."""
    code = getattr(Optimizer.zero_grad, "__code__", None)
    if getattr(code, "co_qualname", "") != "_disable_dynamo.<locals>.inner":
        return []
    wrappers = (one for one in gc.get_objects() if type(one) is FunctionType and one.__code__ is code)
    return [inspect.getclosurevars(wrapper).nonlocals["fn"] for wrapper in wrappers]


def _step(step: Callable[..., Any]) -> Callable[..., Any]:
    """A step through which gradients flow only if the optimizer says so."""

    @functools.wraps(step)
    def wrapped(optimizer: Optimizer, *arguments: Any, **named: Any) -> Any:
        with torch.set_grad_enabled(optimizer.defaults["differentiable"]):
            return step(optimizer, *arguments, **named)

    return wrapped
