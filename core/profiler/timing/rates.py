"""How fast a device is: measured kernels here, published rates of a GPU that nobody has measured yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from core.profiler.timing.curves import Curve, fit
from core.profiler.timing.kernels import Kernel
from core.profiler.timing.measuring import Sample

FALLBACK = "elementwise"  # of families that were not measured
BACKWARD_CALL, FORWARD_CALL = "call, backward", "call, forward"  # what PyTorch itself takes around a kernel
FRESH = "fresh memory"


class Seconds(NamedTuple):
    """What something takes, and the range in which it lies."""

    low: float
    likely: float
    high: float


class Rates(Protocol):
    """What a device does in a second, as far as a prediction asks for it."""

    @property
    def title(self) -> str: ...

    def kernel(self, kernel: Kernel, backward: bool) -> Seconds:
        """What one kernel takes, with what PyTorch takes to call it."""

    def fresh(self, nbytes: int) -> Seconds:
        """What it takes to touch new memory."""

    def bound(self, kernel: Kernel) -> str:
        """What holds a kernel back: "arithmetic", "memory" or "calls"."""


@dataclass(frozen=True)
class MeasuredRates:
    """Rates from the samples of a calibration."""

    title: str
    samples: tuple[Sample, ...] = field(repr=False)
    fresh_seconds_per_byte: float = 0.0
    calls: tuple[float, float] = (0.0, 0.0)  # seconds around a kernel, forward and backward

    def __post_init__(self) -> None:
        families: dict[tuple[str, str], list[Sample]] = defaultdict(list)
        for sample in self.samples:
            families[sample.kernel.family, sample.kernel.dtype].append(sample)
        object.__setattr__(self, "_curves", {key: fit(samples) for key, samples in families.items()})
        object.__setattr__(self, "_peaks", _peaks(self.samples))

    def seconds(self, kernel: Kernel) -> float:
        curve = self._curve(kernel)
        return curve.seconds(kernel)
