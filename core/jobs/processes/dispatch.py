"""Sends runs to the cluster, which is started when the first is sent, and knows what the cluster knows of them."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable

from distributed import Future, KilledWorker, fire_and_forget

from core.errors import PlaygroundError
from core.jobs.processes.cluster import GPU_SLOT, Cluster
from core.jobs.processes.devices import Device, local_devices, processor
from core.jobs.tracked_runs import Run
from core.jobs.worker import tasks

FRESH = 3.0  # seconds for which a look at the devices holds
KILLED = "The training process died several times, most likely for want of memory: use smaller batches or pictures."


class Dispatch:
    """The cluster and the tasks in it. `on_restart()` is called when a cluster that broke has been replaced."""

    def __init__(self, on_restart: Callable[[], None]) -> None:
        self._on_restart = on_restart
        self._cluster: Cluster | None = None
        self._futures: dict[str, Future] = {}
        self._devices: tuple[float, tuple[Device, ...]] = (float("-inf"), ())
        self._lock, self._is_closed = threading.RLock(), False

    def cluster(self) -> Cluster:
        """The cluster, started at the first call; a broken one is replaced."""
        with self._lock:
            if self._is_closed:
                raise PlaygroundError("This server is shutting down: open the page again in a minute.")
            broken = self.is_broken
            if broken:
                self._cluster.close()
                self._futures.clear()
            if broken or self._cluster is None:
                self._cluster = Cluster([device.key for device in local_devices()])
                self._warm = self._cluster.client.submit(tasks.warm_up, pure=False)
        if broken:
            self._on_restart()
        return self._cluster

    @property
    def is_broken(self) -> bool:
        """Whether there was a cluster and it is gone."""
        return self._cluster is not None and not self._cluster.is_alive

    def devices(self) -> tuple[Device, ...]:
        """On what runs can be computed; those of a cluster once we know it."""
        at, found = self._devices
        if time.monotonic() - at > FRESH:
            cluster = self._cluster
            found = local_devices() if cluster is None or cluster.is_ours else _of_cluster(cluster)
            self._devices = time.monotonic(), found
        return found

    def send(self, run: Run) -> None:
        """Have a run computed. A cluster that has it already, for another server or before ours was restarted, goes on.

        Raises: PlaygroundError if the server is closing.
        """
        cluster, order = self.cluster(), run.order
        how = {"key": f"train-{order.run_id}-{run.board.parkings}", "pure": False}
        place = cluster.place(order.device)
        future = cluster.client.submit(tasks.train_run, str(run.folder.path), resources=place or None, **how)
        if not cluster.is_ours:
            fire_and_forget(future)  # it outlives this server
        self._futures[order.run_id] = future

    def knows(self, run_id: str) -> bool:
        """Whether the run was sent from here."""
        return run_id in self._futures

    def broke(self, run_id: str) -> str:
        """Why a run that was sent can never end; empty if it may."""
        future = self._futures.get(run_id)
        if future is None or future.status != "error":
            return ""
        error = future.exception()
        return KILLED if isinstance(error, KilledWorker) else tasks.sentence(error)

    def drop(self, run_id: str, cancel: bool = False) -> None:
        """Let go of a run's task; a cancelled one does not begin any more."""
        future = self._futures.pop(run_id, None)
        if future is not None and cancel:
            with contextlib.suppress(TimeoutError, OSError):
                future.cancel(force=True)

    def close(self) -> None:
        """End the processes, if they are ours."""
        with self._lock:
            self._is_closed = True
            if self._cluster is not None:
                self._cluster.close()


def _of_cluster(cluster: Cluster) -> tuple[Device, ...]:
    workers = cluster.client.scheduler_info(n_workers=-1)["workers"].values()
    here = processor()
    memory = min((worker["memory_limit"] or here.memory_bytes for worker in workers), default=here.memory_bytes)
    found = Device("cpu", "A processor of the cluster", memory, 0)
    if GPU_SLOT in cluster.tags():
        return Device("gpu", "A GPU of the cluster", 0, 0), found
    return (found,)
