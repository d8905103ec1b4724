"""The time of a step as the command line prints it."""

from __future__ import annotations

import math
from typing import Any

from core.profiler.rows import Row
from core.profiler.timing.rates import STEP_ERROR
from core.profiler.timing.step_time import StepTime


def spoken(seconds: float) -> str:
    """A time with three digits, in the unit that suits it.

    >>> spoken(0.00123), spoken(0.25), spoken(75), spoken(7300)
    ('1.23 ms', '250 ms', '1 min 15 s', '2 h 2 min')
    """
    if seconds < 1:
        unit, value = ("ms", seconds * 1e3) if seconds >= 1e-3 or not seconds else ("µs", seconds * 1e6)
        return f"{_three_digits(value)} {unit}"
    if seconds < 60:
        return f"{_three_digits(seconds)} s"
    whole = round(seconds) if seconds < 3600 else round(seconds / 60) * 60
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 48 * 3600:
        return f"{whole // 3600:,} h {whole % 3600 // 60} min"
    return f"{whole / 86400:,.1f} days"


def _three_digits(value: float) -> str:
    digits = 2 - math.floor(math.log10(value)) if value else 0
    return f"{value:.{max(0, min(2, digits))}f}"


def as_dict(step: StepTime, images: int | None) -> dict[str, Any]:
    """Plain values: seconds, and what each row waits for."""
    epoch = step.epoch(images) if images else None
    return {
        "device": step.title,
        "is_measured": step.is_measured,
        "step_seconds": step.seconds,
        "least_seconds": step.low,
        "most_seconds": step.high,
        "images_per_second": step.images_per_second,
        "epoch_seconds": epoch.likely if epoch else None,
        "phases": step.phases,
        "bounds": step.bounds,
        "rows": [[row.forward, row.backward, row.bound] for row in step.rows],
    }


def lines(step: StepTime, rows: tuple[Row, ...], images: int | None) -> list[str]:
    """The step, the epoch, and the rows that take most."""
    likely, least, most = spoken(step.seconds), spoken(step.low), spoken(step.high)
    if step.is_measured:
        first = f"a training step takes about {likely} on {step.title} (nine of ten are within {STEP_ERROR:.0%})"
    else:
        first = f"a training step takes {least} to {most} on {step.title}, by its published rates"
    said = [first]
    if images:
        low, about, high = step.epoch(images)
        epoch = f"about {spoken(about)}" if step.is_measured else f"{spoken(low)} to {spoken(high)}"
        said.append(f"an epoch of {images:,} images takes {epoch}")
    shares = ", ".join(f"{share:.0%} {bound}" for bound, share in step.bounds.items())
    said.append(f"kernels wait for: {shares}")
    total = sum(row.seconds for row in step.rows) or 1.0
    slowest = sorted(range(len(step.rows)), key=lambda index: -step.rows[index].seconds)[:5]
    for index in slowest:
        one = step.rows[index]
        said.append(f"  {one.seconds / total:5.1%}  {rows[index].label} {rows[index].kind}, {one.bound}")
    return said
