"""How this server does at one moment: sessions, runs, the queue, memory. Nothing in it says who the visitors are."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import psutil
from streamlit import runtime

from core.errors import PlaygroundError
from playground.server import metrics

if TYPE_CHECKING:
    from core.jobs.run_counts import RunCounts

FRESH_S = 2.0  # for which one look holds, so that many questions cost no more than one
_lock = threading.Lock()
_latest: tuple[float, ServerStatus] | None = None


@dataclass(frozen=True)
class ServerStatus:
    """`sessions` are browsers connected now, `session_events` connections and disconnections so far.

    Runs and the queue are those of all servers that share the cache folder; None where that cannot be read. Memory in
    bytes: of this process, of the processes that it started, and what the machine or the container has and uses.
    """

    sessions: int
    session_events: Mapping[str, int]
    runs: Mapping[str, int] | None
    queue: Mapping[str, int] | None
    server_bytes: int
    worker_bytes: int
    limit_bytes: int
    used_bytes: int
    started_at: float  # seconds since 1970

    def families(self) -> list[metrics.Family]:
        """As metrics, with the durations of reruns."""
        memory = {"server": self.server_bytes, "workers": self.worker_bytes}
        name = "cnn_playground_"
        return [
            metrics.gauge(f"{name}sessions", "Browsers connected now.", self.sessions),
            metrics.counter(f"{name}session_events_total", "What sessions did so far.", self.session_events, "event"),
            metrics.gauge(f"{name}storage_readable", "1 if the cache folder can be read.", self.runs is not None),
            metrics.gauge(f"{name}runs", "Runs in the cache folder by state.", self.runs or {}, "state"),
            metrics.gauge(f"{name}queue_length", "Unfinished runs in a device's queue.", self.queue or {}, "device"),
            metrics.gauge(f"{name}memory_bytes", "Memory of the processes of this server.", memory, "process"),
            metrics.gauge(f"{name}machine_memory_bytes", "Memory that the server may use.", self.limit_bytes),
            metrics.gauge(f"{name}machine_memory_used_bytes", "Of that, in use by anybody.", self.used_bytes),
            metrics.gauge("process_start_time_seconds", "Start of the process since 1970.", self.started_at),
            metrics.histogram(
                f"{name}rerun_seconds", "Durations of reruns by page and kind.", metrics.RERUNS.snapshot()
            ),
        ]


def current() -> ServerStatus:
    """The status, at most two seconds old."""
    global _latest
    with _lock:
        if _latest is None or time.monotonic() - _latest[0] > FRESH_S:
            _latest = time.monotonic(), _look()
        return _latest[1]


def _look() -> ServerStatus:
    from core.jobs.processes.devices import cpu

    sessions, events = _sessions()
    runs, queue = _runs()
    process, machine = psutil.Process(), cpu()
    return ServerStatus(
        sessions=sessions,
        session_events=events,
        runs=runs,
        queue=queue,
        server_bytes=process.memory_info().rss,
        worker_bytes=sum(map(_resident_bytes, process.children(recursive=True))),
        limit_bytes=machine.memory_bytes,
        used_bytes=machine.used_bytes,
        started_at=process.create_time(),
    )


def _sessions() -> tuple[int, dict[str, int]]:
    """Sessions now, and how often each of Streamlit's session events has happened."""
    if not runtime.exists():
        return 0, {}
    families = runtime.get_instance().stats_mgr.get_stats(family_names=["active_sessions", "session_events"])
    active = sum(stat.value for stat in families.get("active_sessions", ()))
    return active, {stat.labels["type"]: stat.value for stat in families.get("session_events", ())}


def _runs() -> tuple[Mapping[str, int] | None, Mapping[str, int] | None]:
    try:
        counts = _run_counts()
        return counts.by_state(), counts.queue_lengths()
    except (OSError, PlaygroundError, ValueError):  # no folder, no permission, or a stranger's file in it
        return None, None


@cache
def _run_counts() -> RunCounts:
    from core.datasets.cachedir import cache_folder
    from core.jobs.run_counts import RunCounts
    from core.jobs.storage.run_store import RunStore

    return RunCounts(RunStore(cache_folder("training")))


def _resident_bytes(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:  # it has just ended
        return 0
