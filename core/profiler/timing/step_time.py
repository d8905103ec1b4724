"""How long a step of training takes on a device, before it runs, and what each layer waits for."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.profiler.memory.iteration import Iteration
from core.profiler.rows import Row
from core.profiler.timing.rates import BOUNDS, Bound, Rates, Seconds
from core.profiler.timing.recording import OperationRecording, RecordedCall, RecordedIteration, recording_of


@dataclass(frozen=True)
class RowTime:
    """What one row of a profile takes in a pass, forward and backward; `bound` is what most of it waits for."""

    forward: float
    backward: float
    bound: Bound

    @property
    def seconds(self) -> float:
        return self.forward + self.backward


@dataclass(frozen=True)
class StepTime:
    """One step of training: all passes of a batch on one device, and the update.

    Attributes:
        title: the device.
        seconds: as a rule; `low` to `high` is the range in which it lies.
        phases: likely seconds by phase: "forward", "loss", "backward", "optimizer", "new memory".
        rows: in the order of the profile's rows; one pass each.
        bounds: the share of the kernels' time that waits for each of `BOUNDS`.
        is_measured: by a calibration of this device, not by published rates.
    """

    title: str
    seconds: float
    low: float
    high: float
    batch_size: int
    phases: dict[str, float] = field(hash=False)
    rows: tuple[RowTime, ...] = field(repr=False, default=())
    bounds: dict[Bound, float] = field(hash=False, default_factory=dict)
    is_measured: bool = True

    def epoch(self, images: int) -> Seconds:
        """Seconds for so many images, the last batch as long as the others."""
        steps = math.ceil(images / self.batch_size)
        return Seconds(steps * self.low, steps * self.seconds, steps * self.high)

    @property
    def images_per_second(self) -> float:
        """At the likely time."""
        return self.batch_size / self.seconds if self.seconds else math.inf


def step_time(work: OperationRecording | RecordedIteration, rates: Rates) -> StepTime:
    """The time of one step: what is recorded of an iteration, at the rates of a device.

    With accumulation, forward, loss and backward are passed as often as the setting says. Devices that share a batch
    are taken to work side by side without waiting for each other.
    """
    recording = recording_of(work) if isinstance(work, Iteration) else work
    low, likely, high = rates.step(recording.kernels, recording.new_bytes)
    spent = _kernel_seconds(recording, rates)
    # published rates give a range of the step as a whole, in which every kernel has its share
    scale = 1.0 if rates.is_measured else likely / (sum(spent.values()) or 1.0)
    return StepTime(
        title=rates.title,
        seconds=likely,
        low=low,
        high=high,
        batch_size=recording.setting.batch_size,
        phases=_phases({phase: scale * seconds for phase, seconds in spent.items()}, likely),
        rows=_rows(recording.rows, recording.calls, rates, scale),
        bounds=bounds_of(recording, rates),
        is_measured=rates.is_measured,
    )


def bounds_of(recording: OperationRecording, rates: Rates) -> dict[Bound, float]:
    """Which share of the time of all kernels of a step waits for what."""
    seconds = _nothing()
    for kernel, count in recording.kernels.items():
        seconds[rates.bound(kernel)] += count * rates.kernel(kernel)
    total = sum(seconds.values()) or 1.0
    return {bound: seconds[bound] / total for bound in BOUNDS}


def _kernel_seconds(recording: OperationRecording, rates: Rates) -> dict[str, float]:
    """Seconds of all kernels of a step, by phase."""
    seconds: dict[str, float] = defaultdict(float)
    for call in recording.calls:
        seconds[call.phase] += rates.kernel(call.kernel) * recording.times(call.phase)
    return dict(seconds)


def _phases(spent: dict[str, float], likely: float) -> dict[str, float]:
    """Seconds by phase; they add up to the step. What it takes beside its kernels is new memory."""
    rest = likely - sum(spent.values())
    return spent | ({"new memory": rest} if rest > 1e-9 * likely else {})


def _rows(rows: Sequence[Row], calls: Sequence[RecordedCall], rates: Rates, scale: float) -> tuple[RowTime, ...]:
    """The time of each row, by the kernels that run for it; rows add up to the phases."""
    forward, backward = [0.0] * len(rows), [0.0] * len(rows)
    waits = [_nothing() for _ in rows]
    for phase, row, kernel in calls:
        if 0 <= row < len(rows) and phase in ("forward", "backward"):
            seconds = rates.kernel(kernel) * scale
            (forward if phase == "forward" else backward)[row] += seconds
            waits[row][rates.bound(kernel)] += seconds
    return tuple(map(RowTime, forward, backward, [max(BOUNDS, key=wait.__getitem__) for wait in waits]))


def _nothing() -> dict[Bound, float]:
    return dict.fromkeys(BOUNDS, 0.0)
