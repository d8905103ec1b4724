"""Each operation of a real run beside what the profiler says of it: results, layouts, and bytes in the middle of it.

A dispatch mode lets every operation run for real, and once more on fake tensors of the same sizes. Afterwards the
allocator's events, which lie between the marks of their operation, say what each one really took.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity
from torch.profiler import profile as torch_profiler
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

from core.profiler.fake_tensor.mode import FakeTensorMode
from core.profiler.fake_tensor.tensor import FakeTensor, MemoryBlock, Spec, spec_of
from core.profiler.memory.cpu.kernels import lasting, workspace

MARK = "operation "


@dataclass
class OpAudit:
    """One call of an operation: bytes above what was live before it, at its fullest moment and at its end.

    Attributes:
        given: sizes, strides and types of the tensors that it got; `settings` the rest of its arguments.
        layout: the results where these and the predicted ones differ in size, strides or type.
        error: why nothing could be predicted.
    """

    name: str
    given: tuple[Spec, ...]
    settings: tuple[Any, ...]
    bytes_given: int
    predicted_peak: int = 0
    predicted_end: int = 0
    real_peak: int = 0
    real_end: int = 0
    layout: str = ""
    error: str = ""

    @property
    def off(self) -> float:
        """By how much the fullest moment is off, as a share of all that the operation holds then."""
        return (self.predicted_peak - self.real_peak) / max(1, self.real_peak + self.bytes_given)

    @property
    def kept_off(self) -> int:
        """By how many bytes the results' storages are off."""
        return self.predicted_end - self.real_end


@dataclass
class Audit(TorchDispatchMode):
    """Active while something runs; `read` fills in what the allocator said."""

    calls: list[OpAudit] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._mode = FakeTensorMode()

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        given = tuple(_tensors((args, kwargs)))
        settings = tuple(value for value in args if not isinstance(value, (Tensor, list)))
        call = OpAudit(func.name(), tuple(map(spec_of, given)), settings, sum(tensor.nbytes for tensor in given))
        outputs, held = self._predict(call, func, args, kwargs) if given else (None, [])
        with torch.profiler.record_function(f"{MARK}{len(self.calls)}"):
            results = func(*args, **kwargs)
        self.calls.append(call)
        if outputs is not None:
            pairs = zip(_tensors(results), _tensors(outputs), strict=False)
            call.layout = "; ".join(f"{spec_of(real)} not {fake.spec}" for real, fake in pairs if _differ(real, fake))
        del held
        return results

    def _predict(self, call: OpAudit, func: Any, args: tuple, kwargs: dict) -> tuple[Any, list[MemoryBlock]]:
        blocks: dict[int, MemoryBlock] = {}
        fresh: list[MemoryBlock] = []

        def faked(value: Any) -> Any:
            if not isinstance(value, Tensor):
                return value
            storage = value.untyped_storage()
            block = blocks.setdefault(storage._cdata, MemoryBlock(storage.nbytes(), None))
            return FakeTensor(spec_of(value), block)

        def on_op(func: Any, args: tuple, outputs: Any, recipe: Any) -> None:
            call.predicted_end = sum(block.nbytes for block in fresh) + lasting(func, args)
            call.predicted_peak = call.predicted_end + workspace(func, args, outputs, "cpu")

        self._mode.on_op, self._mode.on_block = on_op, fresh.append
        try:
            with self._mode:
                return func(*tree_map(faked, args), **tree_map(faked, kwargs)), fresh
        except Exception as error:  # whatever it is: it is what the report is for
            call.error = f"{type(error).__name__}: {error}"[:200]
            return None, fresh


def _differ(real: Tensor, fake: FakeTensor) -> bool:
    size, strides, _, dtype = fake.spec
    steps = [(a, b) for a, b, side in zip(real.stride(), strides, size, strict=False) if side > 1]
    return tuple(real.shape) != size or real.dtype != dtype or any(a != b for a, b in steps)


def _tensors(value: Any) -> Iterator[Any]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _tensors(part)


def audited(run: Callable[[], object]) -> list[OpAudit]:
    """Every operation of `run`, predicted and measured."""
    audit = Audit()
    with torch_profiler(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler, audit:
        run()
    events = profiler.profiler.kineto_results.events()
    memory = sorted((event.start_ns(), event.nbytes()) for event in events if event.name() == "[memory]")
    times = [time for time, _ in memory]
    for event in events:
        if event.name().startswith(MARK):
            call, begin = audit.calls[int(event.name()[len(MARK) :])], event.start_ns()
            inside = slice(bisect.bisect_left(times, begin), bisect.bisect_right(times, begin + event.duration_ns()))
            live = 0
            for _, nbytes in memory[inside]:
                live += nbytes
                call.real_peak = max(call.real_peak, live)
            call.real_end = live
    return audit.calls
