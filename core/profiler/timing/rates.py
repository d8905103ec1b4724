"""How fast a device is, as far as a prediction asks for it; here by kernels that were measured on it."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, Protocol

import numpy as np

from core.profiler.timing.curves import Curve, fit
from core.profiler.timing.kernels import KernelCall, TimedKernel

Bound = Literal["arithmetic", "memory", "overhead"]
BOUNDS: tuple[Bound, ...] = ("arithmetic", "memory", "overhead")

# How far the predicted time of a training step was from the measured one in nine of ten runs: docs/time.md.
STEP_ERROR = 0.28
FALLBACK = "elementwise"  # for families that nobody measured
LARGE = 8 << 20  # bytes that a kernel moves when it is memory that it waits for
BEST = 90  # percentile of what kernels reach that counts as what a device can do


class Seconds(NamedTuple):
    """What something takes: at least, as a rule, at most."""

    low: float
    likely: float
    high: float


class Rates(Protocol):
    """What a device does in a second."""

    @property
    def title(self) -> str:
        """The device."""

    @property
    def is_measured(self) -> bool:
        """By a calibration, not by a data sheet."""

    def kernel(self, kernel: KernelCall) -> float:
        """The likely seconds of one kernel."""

    def step(self, kernels: Mapping[KernelCall, int], new_bytes: int) -> Seconds:
        """The seconds of all kernels of a step, each as often as it runs, and of memory that is new to the process."""

    def bound(self, kernel: KernelCall) -> Bound:
        """What holds a kernel back: products, bytes, or all that comes before it begins."""


@dataclass(frozen=True)
class MeasuredRates:
    """Rates from the samples of a calibration."""

    title: str
    samples: tuple[TimedKernel, ...] = field(repr=False)
    new_byte_seconds: float = 0.0
    is_measured: bool = True

    def kernel(self, kernel: KernelCall) -> float:
        """By the curve of its family, or of one like it."""
        seconds = self._known.get(kernel)
        if seconds is None:
            curve = self._curve(kernel)
            seconds = self._known[kernel] = curve.seconds(kernel) if curve else 0.0
        return seconds

    def step(self, kernels: Mapping[KernelCall, int], new_bytes: int) -> Seconds:
        """The sum; the range is what nine of ten measured steps were within."""
        likely = sum([count * self.kernel(kernel) for kernel, count in kernels.items()])
        likely += new_bytes * self.new_byte_seconds
        return Seconds(likely / (1 + STEP_ERROR), likely, likely * (1 + STEP_ERROR))

    def bound(self, kernel: KernelCall) -> Bound:
        """By the roofline: what takes longer at full speed. Overhead where a call takes more than half of the time."""
        curve = self._curve(kernel)
        if curve is None or curve.rates[0] > self.kernel(kernel) / 2:
            return "overhead"
        products = kernel.macs / self.products_per_second.get(kernel.dtype, math.inf)
        return "arithmetic" if products > kernel.nbytes / self.bytes_per_second else "memory"

    @cached_property
    def products_per_second(self) -> dict[str, float]:
        """The multiply-accumulates that kernels in each type reach when they are fast."""
        reached: dict[str, list[float]] = defaultdict(list)
        for sample in self.samples:
            if sample.kernel.macs:
                reached[sample.kernel.dtype].append(sample.kernel.macs / sample.seconds)
        return {dtype: float(np.percentile(rates, BEST)) for dtype, rates in reached.items()}

    @cached_property
    def bytes_per_second(self) -> float:
        """The bytes that kernels which hardly compute move when there are more than a cache holds."""
        reached = [one.kernel.nbytes / one.seconds for one in self.samples if _streams(one.kernel)]
        return float(np.percentile(reached, BEST)) if reached else 1.0

    @cached_property
    def curves(self) -> dict[tuple[str, str], Curve]:
        """The curve of each family in each type."""
        families: dict[tuple[str, str], list[TimedKernel]] = defaultdict(list)
        for sample in self.samples:
            families[sample.kernel.family, sample.kernel.dtype].append(sample)
        return {key: fit(samples) for key, samples in families.items()}

    @cached_property
    def _known(self) -> dict[KernelCall, float]:
        """Kernels whose time has been asked for: networks repeat themselves."""
        return {}

    def _curve(self, kernel: KernelCall) -> Curve | None:
        """The curve of the family, else in fp32, else of cell by cell, as far as it has as many terms."""
        for key in (
            (kernel.family, kernel.dtype),
            (kernel.family, "float32"),
            (FALLBACK, kernel.dtype),
            (FALLBACK, "float32"),
        ):
            curve = self.curves.get(key)
            if curve is not None and len(curve.rates) == len(kernel.terms):
                return curve
        return None


def _streams(kernel: KernelCall) -> bool:
    return kernel.family in (FALLBACK, "copy", "cast") and kernel.nbytes > LARGE
