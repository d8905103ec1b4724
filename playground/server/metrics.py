"""Metrics in the text format of Prometheus, and the durations of reruns, which are measured here.

Source: Prometheus, "Exposition formats", text format 0.0.4.
"""

from __future__ import annotations

import bisect
import contextlib
import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # upper bounds of the buckets
SLOW_S = 5.0  # a rerun that takes so long is logged
PAGE, FRAGMENT = "page", "fragment"  # what is run again: the whole page, or one fragment of it

log = logging.getLogger(__name__)


@dataclass
class Histogram:
    """How many durations fell into which bucket; `counts` has one more than there are bounds, for all above."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    total_s: float = 0.0

    def observe(self, seconds: float) -> None:
        self.counts[bisect.bisect_left(BOUNDS_S, seconds)] += 1
        self.total_s += seconds

    @property
    def count(self) -> int:
        return sum(self.counts)

    def quantile(self, share: float) -> float | None:
        """The bound under which that share of all durations lies, in seconds; None if there are none or none bounds it.

        >>> histogram = Histogram()
        >>> for seconds in (0.003, 0.02, 0.02, 7.0):
        ...     histogram.observe(seconds)
        >>> histogram.quantile(0.5), histogram.quantile(1.0)
        (0.025, 10.0)
        """
        below = 0
        for bound, count in zip(BOUNDS_S, self.counts, strict=False):
            below += count
            if below and below >= share * self.count:
                return bound
        return None


class RerunTimes:
    """Histograms of the durations of reruns by page and kind; used by many threads at once."""

    def __init__(self) -> None:
        self._histograms: dict[tuple[str, str], Histogram] = {}
        self._latest, self._lock = time.monotonic(), threading.Lock()

    @property
    def quiet_s(self) -> float:
        """Seconds since the latest rerun ended."""
        return time.monotonic() - self._latest

    @contextlib.contextmanager
    def measured(self, page: str, kind: str) -> Iterator[None]:
        """Add how long the block takes, however it ends."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.observe(page, kind, time.perf_counter() - begin)

    def observe(self, page: str, kind: str, seconds: float) -> None:
        if seconds >= SLOW_S:
            log.info("slow rerun", extra={"page": page, "kind": kind, "seconds": round(seconds, 3)})
        with self._lock:
            self._latest = time.monotonic()
            self._histograms.setdefault((page, kind), Histogram()).observe(seconds)

    def snapshot(self) -> Mapping[tuple[str, str], Histogram]:
        """(page, kind) -> its histogram at this moment."""
        with self._lock:
            return {
                key: Histogram(list(histogram.counts), histogram.total_s)
                for key, histogram in sorted(self._histograms.items())
            }


RERUNS = RerunTimes()  # of this server


@dataclass(frozen=True)
class Family:
    """A metric under one name: its type, one sentence, and its samples (suffix of the name, labels, value)."""

    name: str
    kind: str
    help: str
    samples: Sequence[tuple[str, Mapping[str, str], float]]


def gauge(name: str, help: str, values: Mapping[str, float] | float, label: str = "") -> Family:
    """A value that goes up and down; with a `label`, one for each of its values."""
    rows = values.items() if isinstance(values, Mapping) else [("", values)]
    return Family(name, "gauge", help, [("", {label: key} if label else {}, value) for key, value in rows])


def counter(name: str, help: str, values: Mapping[str, float], label: str) -> Family:
    """Values that only go up, one for each value of the label; the name ends in `_total`."""
    return Family(name, "counter", help, [("", {label: key}, value) for key, value in values.items()])


def histogram(name: str, help: str, histograms: Mapping[tuple[str, str], Histogram]) -> Family:
    """The histograms of reruns; each bucket counts all below its bound."""
    samples: list[tuple[str, Mapping[str, str], float]] = []
    for (page, kind), one in histograms.items():
        labels, below = {"page": page, "kind": kind}, 0
        for bound, count in zip((*map(str, BOUNDS_S), "+Inf"), one.counts, strict=True):
            below += count
            samples.append(("_bucket", {**labels, "le": bound}, below))
        samples += [("_sum", labels, one.total_s), ("_count", labels, one.count)]
    return Family(name, "histogram", help, samples)


def exposition(families: Sequence[Family]) -> str:
    """The families as Prometheus reads them; one without samples is left out.

    >>> print(exposition([gauge("queue_length", "Runs in the queue.", {"cpu": 2}, "device")]), end="")
    # HELP queue_length Runs in the queue.
    # TYPE queue_length gauge
    queue_length{device="cpu"} 2
    """
    lines = []
    for family in families:
        if family.samples:
            lines += [f"# HELP {family.name} {family.help}", f"# TYPE {family.name} {family.kind}"]
            lines += [
                f"{family.name}{suffix}{_labels(labels)} {_number(value)}" for suffix, labels, value in family.samples
            ]
    return "".join(f"{line}\n" for line in lines)


def _labels(labels: Mapping[str, str]) -> str:
    escaped = {key: text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") for key, text in labels.items()}
    return "{" + ",".join(f'{key}="{text}"' for key, text in escaped.items()) + "}" if escaped else ""


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
