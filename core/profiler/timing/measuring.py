"""The measurement: kernels take turns, so that each finds the caches as a network would leave them."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterable, Iterator
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
from core.profiler.timing.kernels import Kernel, Sample, tensors_of
from core.profiler.timing.trials.trial import Trial

PASSES = 3  # over all kernels, so that no slow moment of the machine meets all measurements of one
TRIES = 3  # turns in a pass until one is not disturbed
TURN_BYTES = 192 << 20  # of all who take turns: more than a cache holds
HEAP_BLOCK = 32 << 20  # the largest block that the allocator of Linux ever keeps for the next request


class Measurement:
    """The times of many kernels. Go through `turns()`, then read `samples()`."""

    def __init__(self, trials: Iterable[Trial], device: torch.device, seed: int = 0) -> None:
        self.trials = list(trials)
        random.Random(seed).shuffle(self.trials)  # kernels of one family are spread over the whole time
        self.device = device
        self._kernels: list[Kernel | None] = [None] * len(self.trials)
        self._clean: list[list[float]] = [[] for _ in self.trials]
        self._disturbed: list[list[float]] = [[] for _ in self.trials]
        self._awake = torch.zeros(1 << 17, device=device)

    def turns(self) -> Iterator[float]:
        """Measures, and says now and then which share is done."""
        settle_allocator()
        done = 0
        for _ in range(PASSES):
            for group in self._groups():
                with torch.no_grad(), same_seed():
                    self._measure(group)
                done += len(group)
                yield done / (PASSES * len(self.trials))

    def samples(self) -> tuple[Sample, ...]:
        """The median time of each kernel; the shortest where all were disturbed."""
        everything = zip(self.trials, self._kernels, self._clean, self._disturbed, strict=True)
        return tuple(
            Sample(kernel, (median(clean) if clean else min(disturbed)) / trial.repeats)
            for trial, kernel, clean, disturbed in everything
            if kernel is not None
        )

    def _groups(self) -> Iterator[list[int]]:
        """Trials by index, as many at a time as more than fill the caches."""
        group: list[int] = []
        nbytes = 0
        for index, trial in enumerate(self.trials):
            group.append(index)
            nbytes += trial.nbytes
            if nbytes > TURN_BYTES:
                yield group
                group, nbytes = [], 0
        if group:
            yield group

    def _measure(self, group: list[int]) -> None:
        """One undisturbed time of each trial of a group, if there is one."""
        trials = [self.trials[index] for index in group]
        arguments = [trial.build(self.device) for trial in trials]
        results = [trial.func(*args, **trial.kwargs) for trial, args in zip(trials, arguments, strict=True)]
        pending = set(range(len(group)))
        for place, index in enumerate(group):
            self._kernels[index] = trials[place].described(arguments[place], results[place])
        for _ in range(TRIES):
            for place in sorted(pending):
                trial, args = trials[place], arguments[place]
                warm(args[trial.warm], self._awake)
                results[place] = None  # its memory, out of the caches by now, is what the next result is written to
                before = interruptions()
                seconds, results[place] = timed(partial(trial.func, *args, **trial.kwargs), self.device)
                is_clean = interruptions() == before
                (self._clean if is_clean else self._disturbed)[group[place]].append(seconds)
                if is_clean:
                    pending.discard(place)


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
