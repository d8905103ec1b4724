"""Every kernel of one iteration of training, in order, and the memory that is touched for the first time in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from torch import nn

from core.errors import PlaygroundError
from core.profiler.inputs import as_inputs
from core.profiler.memory.iteration import Iteration
from core.profiler.memory.lazy_usage import uncollected
from core.profiler.real_run import needs_real_run, started
from core.profiler.rows import Row
from core.profiler.setting import Setting
from core.profiler.timing.kernels import KernelCall
from core.profiler.timing.operations import kernels_of, update
from core.profiler.timing.pages import Touched, touched


class RecordedCall(NamedTuple):
    """A kernel that runs in a phase ("forward", "loss", "backward", "optimizer") for a row (-1: for none)."""

    phase: str
    row: int
    kernel: KernelCall


@dataclass(frozen=True)
class OperationRecording:
    """One pass of forward, loss and backward over `setting.pass_size` pictures, and one update."""

    setting: Setting
    rows: tuple[Row, ...]
    calls: tuple[RecordedCall, ...] = field(repr=False)
    touched: tuple[Touched, ...] = field(repr=False)

    @property
    def new_bytes(self) -> int:
        """Memory that one step touches for the first time."""
        return self.setting.accumulate * sum(touched.nbytes for touched in self.touched)

    @cached_property
    def kernels(self) -> dict[KernelCall, int]:
        """How often each kernel runs in one step: in all passes, and in the update."""
        counts: Counter[KernelCall] = Counter()
        for call in self.calls:
            counts[call.kernel] += self.times(call.phase)
        return dict(counts)

    def times(self, phase: str) -> int:
        """How often a step goes through a phase."""
        return 1 if phase == "optimizer" else self.setting.accumulate


class RecordedIteration(Iteration):
    """An iteration that remembers which kernels it would run."""

    def __init__(self, model: nn.Module, inputs: Any, setting: Setting, *rest: Any) -> None:
        self.calls: list[RecordedCall] = []
        self.recording: OperationRecording | None = None
        self._kernels: dict[Any, tuple[KernelCall, ...]] = {}
        super().__init__(model, inputs, setting, *rest)

    def _on_op(self, func: Any, args: tuple, outputs: Any, recipe: Any) -> None:
        super()._on_op(func, args, outputs, recipe)
        kernels = self._kernels.get(recipe) if recipe is not None else None
        if kernels is None:
            kernels = kernels_of(func, args, outputs)
            if recipe is not None:
                self._kernels[recipe] = kernels
        label = self.ledger.label
        for kernel in kernels:
            self.calls.append(RecordedCall(label.phase, label.row, kernel))


def record(model: nn.Module, input_shape: Any, setting: Setting) -> OperationRecording:
    """The kernels of one iteration of training, from a run on fake tensors; inputs in any form that `profile` takes.

    Raises: LayerShapeError and PlaygroundError, as `profile` does, and where a network reads values, for which kernels
        run depends on these.
    """
    with uncollected():
        try:
            start = started(model, as_inputs(input_shape), setting, kind=RecordedIteration)
            assert isinstance(start.iteration, RecordedIteration)
            return recording_of(start.iteration)
        except PlaygroundError as error:
            if not needs_real_run(error):
                raise
            raise PlaygroundError(
                f"the time of this network is not predicted, for which kernels run depends on values ({error})"
            ) from error


def recording_of(iteration: RecordedIteration) -> OperationRecording:
    """The same of an iteration, which runs now as far as it has not."""
    if iteration.recording is None:
        iteration.train()
        calls = (*iteration.calls, *_update(iteration))
        iteration.recording = OperationRecording(
            iteration.setting, iteration.rows, calls, tuple(touched(iteration.ledger))
        )
    return iteration.recording


def _update(iteration: Iteration) -> list[RecordedCall]:
    """The update of each parameter by the optimizer, which is not run on fake tensors."""
    key = iteration.setting.optimizer
    updated = [parameter for parameter in iteration.trained if parameter.grad is not None]
    return [RecordedCall("optimizer", -1, update(key, tuple(tensor.shape), tensor.dtype)) for tensor in updated]
