"""The measurement: kernels take turns, so that each finds the caches as a network would leave them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from statistics import median
from typing import Any

import torch
from torch import Tensor

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

from core.profiler.memory.cpu.machine import cache_bytes
from core.profiler.timing.kernels import TimedKernel, tensors_of
from core.profiler.timing.trials.trial import Trial

ENOUGH, TRIES = 3, 9  # undisturbed turns that each kernel takes, and turns after which it takes no more
TURN_BYTES = 192 << 20  # of all who take turns: more than a cache holds
HEAP_BLOCK = 32 << 20  # the largest block that the allocator of Linux ever keeps for the next request


def measure(trials: Iterable[Trial], device: torch.device) -> Iterator[list[TimedKernel]]:
    """A sample of each trial, in groups of those that take turns."""
    settle_allocator()
    for group in groups(trials):
        with torch.no_grad(), same_seed():
            measured = _measure_group(group, device)
        yield measured  # out here, for who waits in between has PyTorch as it was


def groups(trials: Iterable[Trial]) -> Iterator[list[Trial]]:
    """Trials in order, as many at a time as more than fill the caches."""
    group: list[Trial] = []
    for trial in trials:
        group.append(trial)
        if sum(one.nbytes for one in group) > TURN_BYTES:
            yield group
            group = []
    if group:
        yield group


def _measure_group(group: Sequence[Trial], device: torch.device) -> list[TimedKernel]:
    arguments = [trial.build(device) for trial in group]
    results = [trial.func(*args, **trial.kwargs) for trial, args in zip(group, arguments, strict=True)]
    kernels = [trial.described(args, result) for trial, args, result in zip(group, arguments, results, strict=True)]
    clean: list[list[float]] = [[] for _ in group]
    disturbed: list[list[float]] = [[] for _ in group]
    awake = torch.zeros(1 << 17, device=device)
    for _ in range(TRIES):
        for index, (trial, args) in enumerate(zip(group, arguments, strict=True)):
            if len(clean[index]) < ENOUGH:
                warm(args[trial.warm], awake)
                results[index] = None  # its memory, out of the caches by now, is what the next result is written to
                before = interruptions()
                seconds, results[index] = timed(partial(trial.func, *args, **trial.kwargs), device)
                (clean if interruptions() == before else disturbed)[index].append(seconds)
    times = [median(one) if one else min(rest) for one, rest in zip(clean, disturbed, strict=True)]
    measured = zip(group, kernels, times, strict=True)
    return [TimedKernel(kernel, seconds / trial.repeats) for trial, kernel, seconds in measured if kernel is not None]


def warm(operand: Any, awake: Tensor) -> None:
    """Brings what the kernel before has just written into the cores' caches, if it fits, and wakes all threads."""
    awake.sum()
    for tensor in tensors_of(operand):
        if tensor.nbytes <= cache_bytes() * torch.get_num_threads():
            tensor.sum()


def interruptions() -> int:
    """How often the system has taken the processor from this process for another; 0 where it does not say."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw if resource else 0


def timed(call: Callable[[], Any], device: torch.device) -> tuple[float, Any]:
    """Seconds of one call, until the device has done it, and its result."""
    wait(device)
    start = time.perf_counter()
    result = call()
    wait(device)
    return time.perf_counter() - start, result


def wait(device: torch.device) -> None:
    """Until the device has nothing to do."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def settle_allocator() -> None:
    """Brings the allocator into the state it has in a training: blocks below `HEAP_BLOCK` are kept."""
    for _ in range(2):
        torch.empty(HEAP_BLOCK - (1 << 12), dtype=torch.uint8)


@contextlib.contextmanager
def same_seed() -> Iterator[None]:
    """Random numbers drawn inside change nothing for others."""
    with torch.random.fork_rng(devices=[]):
        yield


def new_byte_seconds(nbytes: int = 3 * HEAP_BLOCK // 2) -> float:
    """What touching new memory costs beside writing it: the system clears it page by page."""
    old, cpu = torch.empty(nbytes, dtype=torch.uint8), torch.device("cpu")
    written = [timed(lambda: old.fill_(1), cpu)[0] for _ in range(5)]
    fresh = [timed(lambda: torch.empty(nbytes, dtype=torch.uint8).fill_(1), cpu)[0] for _ in range(5)]
    return max(0.0, median(fresh) - median(written)) / nbytes
