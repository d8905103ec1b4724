"""Where runs are computed: processes of their own, or somebody's Dask cluster where DASK_SCHEDULER_ADDRESS says so."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from distributed import Client, Future, KilledWorker, fire_and_forget
from distributed.config import config

from core import heap, limits
from core.errors import PlaygroundError
from core.jobs.processes.serve import RUN_SLOT, WITHIN, slot
from core.jobs.worker.error_messages import sentence

ROOT = Path(__file__).parents[3]
CLOSING_S = 0.5  # for the connection
TIMEOUT_S = 30  # until a cluster that does not answer counts as broken
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
GPU_SLOT = "GPU"  # the tag that Dask's documentation gives workers with a GPU

log = logging.getLogger(__name__)


class ClusterTask:
    """Something that was sent to the cluster; `progress` is how much is "done" of a "total", where it reports that."""

    def __init__(self, future: Future, progress: Mapping[str, int] | None = None) -> None:
        self._future, self.progress = future, progress or {"done": 0, "total": 0}

    @property
    def is_done(self) -> bool:
        """Whether it has ended, well or not."""
        return bool(self._future.done())

    @property
    def has_failed(self) -> bool:
        """Whether it will never have a result."""
        return self._future.status == "error" or self.is_forgotten

    @property
    def is_forgotten(self) -> bool:
        """Whether the cluster does not know of it any more.

        When the connection breaks, be it for a moment, the scheduler drops what this server was waiting for.
        """
        return self._future.status in ("cancelled", "lost")

    @property
    def error(self) -> BaseException | None:
        """What was raised; None if nothing was."""
        return self._future.exception() if self._future.status == "error" else None

    @property
    def was_killed(self) -> bool:
        """Whether its process died several times."""
        return isinstance(self.error, KilledWorker)

    def failure(self, killed: str) -> str:
        """Why it will never have a result, in a sentence (`killed` if its process died); empty if it may have one."""
        error = self.error
        return "" if error is None else killed if self.was_killed else sentence(error)

    def wait(self, timeout_s: float) -> None:
        """Wait until it is done. Raises: what it raised, or TimeoutError."""
        self._future.result(timeout_s)

    def cancel(self) -> None:
        """It does not begin any more."""
        with contextlib.suppress(TimeoutError, OSError):
            self._future.cancel(force=True)

    def outlive_server(self) -> None:
        """It goes on when this server is gone."""
        fire_and_forget(self._future)


class Cluster:
    """A connection to a scheduler, and the processes behind it if they are ours: a worker for each of `devices`."""

    def __init__(self, devices: Sequence[str] = ("cpu",)) -> None:
        address = os.environ.get("DASK_SCHEDULER_ADDRESS")
        self._closing, self._is_closed = threading.Lock(), False
        self._scratch = "" if address else tempfile.mkdtemp(prefix="cnn-playground-")
        self._process = None if address else _start(devices, self._scratch)
        self.is_ours = address is None
        self.client = _connect(address) if address else _client(_read_address(self._process))
        atexit.register(self.close)

    @property
    def is_alive(self) -> bool:
        """Whether runs can still be sent there, at once or when a connection that broke has been made anew."""
        has_ended = self._process is not None and self._process.poll() is not None
        return self.client.status in ("running", "connecting") and not has_ended

    def workers(self) -> list[dict[str, Any]]:
        """What the scheduler knows of its workers."""
        return list(self.client.scheduler_info(n_workers=-1)["workers"].values())

    def tags(self) -> set[str]:
        return {tag for worker in self.workers() for tag, count in worker["resources"].items() if count}

    def resources(self, device: str) -> dict[str, int]:
        """What a run on that device takes of a worker, so that it goes to the right one and is alone there."""
        if self.is_ours:
            return {slot(device): 1}
        slots = {RUN_SLOT: 1} if RUN_SLOT in self.tags() else {}
        return slots | ({GPU_SLOT: 1} if device == "gpu" else {})

    def submit(
        self,
        function: Callable[..., object],
        *arguments: object,
        device: str | None = None,
        key: str | None = None,
        priority: int = 0,
    ) -> ClusterTask:
        """Have a function computed. One with a `device` waits until that is free; the same `key` is the same task."""
        resources = (self.resources(device) if device else None) or None
        how = {"key": key, "resources": resources, "priority": priority}
        return ClusterTask(self.client.submit(function, *arguments, **how, pure=False))

    def submit_reporting(self, function: Callable[..., object], *arguments: object) -> ClusterTask:
        """As `submit`, for a function whose first argument is the topic of Dask to which it logs its progress."""
        topic, progress = f"report-{secrets.token_hex(8)}", {"done": 0, "total": 0}
        self.client.subscribe_topic(topic, lambda event: progress.update(event[1]))
        return ClusterTask(self.client.submit(function, topic, *arguments, pure=False), progress)

    def close(self) -> None:
        """Let go of the cluster; ours ends with that. Closing twice, also at once from two threads, is no harm."""
        with self._closing:
            atexit.unregister(self.close)
            if self._is_closed:
                return
            self._is_closed = True
            self.client.close(timeout=CLOSING_S)
            if self._process is not None:
                _end(self._process, self._scratch)


def _client(address: str) -> Client:
    return Client(address, timeout=TIMEOUT_S, set_as_default=False)


def _connect(address: str) -> Client:
    """A connection to somebody's cluster: encrypted where the address begins with tls://, by Dask's own settings.

    Raises: PlaygroundError if it does not answer, or not with a certificate that is accepted.
    """
    if is_open_network(address):
        log.warning(
            "The connection to the cluster at %s is not encrypted: see docs/hosting.md, “Dask with TLS”.", address
        )
    try:
        return _client(address)
    except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as error:  # Dask raises all of them
        log.warning("the cluster at %s cannot be reached: %s", address, error)
        raise PlaygroundError(
            "The cluster that trains cannot be reached: whoever runs the server has to check DASK_SCHEDULER_ADDRESS "
            "and, for an address with tls://, the certificates."
        ) from error


def is_open_network(address: str) -> bool:
    """Whether a scheduler's address is reached over a network and without encryption.

    >>> is_open_network("tcp://10.0.0.5:8786"), is_open_network("tls://10.0.0.5:8786"), is_open_network("127.0.0.1:86")
    (True, False, False)
    """
    protocol, _, host = address.rpartition("://")
    return protocol not in ("tls", "wss") and urlsplit(f"//{host}").hostname not in THIS_MACHINE


def _start(devices: Sequence[str], scratch: str) -> subprocess.Popen[str]:
    """Our scheduler and workers; they find `core` wherever the server was started from."""
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "DASK_LOGGING__DISTRIBUTED": "critical",
        "OMP_WAIT_POLICY": "PASSIVE",  # threads that spin while they wait made a busy machine train ten times slower
    }
    heap.keep_many_kernels(environment)
    command = [sys.executable, "-m", "core.jobs.processes.serve", scratch, *devices]
    if limits.size() == "small":
        command.append(WITHIN)
        environment |= _of_a_worker()
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, start_new_session=True, stdin=pipe, stdout=pipe, text=True
    )


def _of_a_worker() -> dict[str, str]:
    """What Dask puts into the environment of a worker's own process, which returns freed memory sooner."""
    return {name: str(value) for name, value in config["distributed"]["nanny"]["pre-spawn-environ"].items()}


def _end(process: subprocess.Popen[str], scratch: str) -> None:
    """End our processes, which costs runs nothing: they go on from their checkpoints however they ended.

    They are not waited for: with their priority they take seconds to end on a busy machine.
    """
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # it began a session, so that its workers are of its group
    shutil.rmtree(scratch, ignore_errors=True)
    threading.Thread(target=_clean_up, args=(process, scratch), daemon=True).start()


def _clean_up(process: subprocess.Popen[str], scratch: str) -> None:
    process.communicate()  # the end of its input ends it and its workers where there are no groups
    shutil.rmtree(scratch, ignore_errors=True)


def _read_address(process: subprocess.Popen[str] | None) -> str:
    """What our scheduler prints once it is there. Raises: PlaygroundError if it never is."""
    address = process.stdout.readline().strip() if process and process.stdout else ""
    if not address:
        raise PlaygroundError(
            f"The training processes did not start (exit status {process and process.wait()}): the server's log says "
            "why, and whoever runs it has to mend that, such as a full temporary folder."
        )
    return address
