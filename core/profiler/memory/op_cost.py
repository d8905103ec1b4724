"""What one operation takes beside its results, and what a real run of all may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.errors import PlaygroundError
from core.profiler.fake_tensor.tensor import FakeTensor
from core.profiler.flops import backward_macs_of
from core.profiler.macs import macs_of
from core.profiler.memory.cpu.kernels import lasting, workspace


@dataclass(slots=True)
class OpCost:
    """What an operation of certain sizes takes: multiply-accumulates, and bytes beside its result's."""

    macs: int
    backward_macs: int
    lasting: int
    workspace: int
    is_mutable: bool


def cost_of(func: Any, args: tuple, outputs: Any, device: str) -> OpCost:
    """The cost of an operation that has given `outputs`."""
    return OpCost(
        macs_of(func, args, outputs),
        backward_macs_of(func, args),
        lasting(func, args),
        workspace(func, args, outputs, device),
        func._schema.is_mutable,
    )


def is_fixed(outputs: Any) -> bool:
    """Whether the first result is the same for every input."""
    first = outputs[0] if isinstance(outputs, (tuple, list)) else outputs
    return isinstance(first, FakeTensor) and first.block.is_fixed


@dataclass(frozen=True)
class RunLimit:
    """What a real run may take: bytes that live at once, and multiply-accumulates of a forward pass."""

    nbytes: int
    macs: int


class OverBudget(PlaygroundError):
    """A real run would take more than its budget."""
