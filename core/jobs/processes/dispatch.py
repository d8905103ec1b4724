"""Sends work to the cluster, which is started when the first is sent, and knows what becomes of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from core import cpu_count
from core.errors import PlaygroundError
from core.jobs.job_spec import JobSpec
from core.jobs.processes.cluster import GPU_SLOT, Cluster, ClusterTask
from core.jobs.processes.devices import TrainingDevice, cpu, local_devices
from core.jobs.worker import train

DEVICES_FRESH_S = 3.0  # for which a look at the devices holds
KILLED = (
    "The training process was killed several times, probably because memory ran out: use a smaller batch size or "
    "smaller images."
)


class ServerClosing(PlaygroundError):
    """Nothing can be sent any more."""


class Dispatcher:
    """The cluster and the tasks in it. `on_restart()` is called when a cluster that broke has been replaced."""

    def __init__(self, on_restart: Callable[[], None]) -> None:
        self._on_restart = on_restart
        self._cluster: Cluster | None = None
        self._runs: dict[str, ClusterTask] = {}
        self._devices: tuple[float, tuple[TrainingDevice, ...]] = (float("-inf"), ())
        self._lock, self._is_closed = threading.RLock(), False

    def cluster(self) -> Cluster:
        """The cluster, started at the first call; a broken one is replaced.

        Raises: PlaygroundError if the server is closing.
        """
        with self._lock:
            if self._is_closed:
                raise ServerClosing("This server is shutting down: open the page again in a minute.")
            cluster, broken = self._cluster, self.is_broken
            if cluster is not None and broken:
                cluster.close()
                self._runs.clear()
            if cluster is None or broken:
                cluster = self._cluster = Cluster([device.key for device in local_devices()])
                self._warm = cluster.client.submit(train.warm_up, pure=False)
        if broken:
            self._on_restart()
        return cluster

    @property
    def is_broken(self) -> bool:
        """Whether there was a cluster and it is gone."""
        return self._cluster is not None and not self._cluster.is_alive

    @property
    def threads(self) -> int:
        """How many a run may use on the CPU; 0 for as many as its worker may."""
        return cpu_count.allowed() if self.cluster().is_ours else 0

    def devices(self) -> tuple[TrainingDevice, ...]:
        """On what runs can be computed; those of a cluster once we know it."""
        at, devices = self._devices
        if time.monotonic() - at > DEVICES_FRESH_S:
            cluster = self._cluster
            devices = local_devices() if cluster is None or cluster.is_ours else _of_cluster(cluster)
            self._devices = time.monotonic(), devices
        return devices

    def send_run(self, spec: JobSpec, folder: Path, attempt: int) -> None:
        """Have a run computed. A cluster that has it already, for another server or before ours was restarted, goes on.

        Raises: PlaygroundError if the server is closing.
        """
        cluster, key = self.cluster(), f"train-{spec.run_id}-{attempt}"
        task = cluster.submit(train.train_run, str(folder), device=spec.device, key=key)
        if not cluster.is_ours:
            task.outlive_server()
        self._runs[spec.run_id] = task

    def knows(self, run_id: str) -> bool:
        """Whether the run was sent from here."""
        return run_id in self._runs

    def failure(self, run_id: str) -> str:
        """Why a run that was sent can never end; empty if it may."""
        task = self._runs.get(run_id)
        return task.failure(KILLED) if task else ""

    def has_forgotten(self, run_id: str) -> bool:
        """Whether the cluster does not know any more of a run that was sent, so that it has to be sent again."""
        task = self._runs.get(run_id)
        return task is not None and task.is_forgotten

    def drop(self, run_id: str, cancel: bool = False) -> None:
        """Let go of a run's task; a cancelled one does not begin any more."""
        task = self._runs.pop(run_id, None)
        if task is not None and cancel:
            task.cancel()

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            if self._cluster is not None:
                self._cluster.close()


def _of_cluster(cluster: Cluster) -> tuple[TrainingDevice, ...]:
    here = cpu()
    memory = min((worker["memory_limit"] or here.memory_bytes for worker in cluster.workers()), default=None)
    on_cpu = TrainingDevice("cpu", "CPU of the cluster", memory or here.memory_bytes, 0)
    if GPU_SLOT in cluster.tags():
        return TrainingDevice("gpu", "GPU of the cluster", 0, 0), on_cpu
    return (on_cpu,)
