"""Speeds of runs that have not started, measured in a worker, a file each. They depend on nobody's images."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import threading
import time
from pathlib import Path

from core.jobs.processes.cluster import ClusterTask
from core.jobs.processes.dispatch import Dispatcher
from core.jobs.worker import speed_probe
from core.storage_errors import storage_errors
from core.training.recipe.config import TrainConfig
from core.training.speed_probe import MeasuredSpeed

KEPT_S = 24 * 3600.0  # a machine is not as fast tomorrow


class SpeedProbes:
    """One measurement at a time for each network, image size, batch size and device."""

    def __init__(self, folder: Path, dispatcher: Dispatcher) -> None:
        self._folder, self._dispatcher = folder, dispatcher
        self._tasks: dict[Path, ClusterTask] = {}
        self._lock = threading.Lock()

    def get(self, config: TrainConfig, classes: int, size: int, device: str) -> MeasuredSpeed | None:
        """What was measured; None before that, and for a network that cannot be built."""
        path = self._path(config, classes, size, device)
        try:
            if time.time() - path.stat().st_mtime > KEPT_S:
                return None
            values = json.loads(path.read_bytes())
        except (OSError, ValueError):
            return None
        try:
            return MeasuredSpeed(**values) if values else None
        except TypeError:  # damaged
            return None

    def is_known(self, config: TrainConfig, classes: int, size: int, device: str) -> bool:
        """Whether there is nothing more to wait for."""
        path = self._path(config, classes, size, device)
        task = self._tasks.get(path)
        return path.exists() or (task is not None and task.has_failed)

    def start(self, config: TrainConfig, classes: int, size: int, device: str) -> None:
        """Have it measured, once. Raises: PlaygroundError if the server is closing or its disk refuses."""
        path = self._path(config, classes, size, device)
        cluster = self._dispatcher.cluster()
        with self._lock:
            task = self._tasks.get(path)
            if task is None or (task.is_done and not task.has_failed and not path.exists()):  # its file was removed
                with storage_errors():
                    self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                what = str(path), dataclasses.asdict(_relevant(config)), classes, size, device, self._dispatcher.threads
                own_slot = None if device == "cpu" else device  # on a CPU nobody waits for it
                self._tasks[path] = cluster.submit(speed_probe.probe, *what, device=own_slot)

    def clear(self) -> None:
        """The cluster that did them is gone."""
        self._tasks.clear()

    def _path(self, config: TrainConfig, classes: int, size: int, device: str) -> Path:
        key = repr((_relevant(config), classes, size, device, self._dispatcher.threads))
        return self._folder / f"{hashlib.blake2b(key.encode(), digest_size=12).hexdigest()}.json"


def _relevant(config: TrainConfig) -> TrainConfig:
    """The same for all configs that take as long for an image."""
    alike = dataclasses.replace(config, epochs=1, learning_rate=0.001, weight_decay=0.0, patience=0)
    return dataclasses.replace(alike, seed=0, split_seed=0, val_share=0.2, test_share=0.0)
