"""Downloads of one server for several people: one thread per dataset, cancelled when nobody waits for it any more."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace

from core.datasets.remote.catalogue import REMOTE
from core.datasets.remote.fetch import download, downloaded_bytes, is_downloaded
from core.errors import PlaygroundError
from core.storage_errors import storage_sentence

SPEED_AFTER = 1.0  # seconds before a speed means anything


@dataclass(frozen=True)
class DownloadState:
    """The progress of a download. `error` is a sentence if it failed; `seconds_left` is an estimate."""

    done: int
    total: int
    people: int = 0
    seconds_left: float | None = None
    error: str = ""
    is_running: bool = True

    @property
    def share(self) -> float:
        """The share of it that has arrived, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def is_unpacking(self) -> bool:
        """Whether all bytes are here and are being checked, and sorted into classes where that is needed."""
        return self.is_running and self.done >= self.total > 0


class Cancelled(Exception):
    """Nobody waits for the download any more."""


@dataclass
class _Download:
    state: DownloadState
    people: set[str]


class DownloadManager:
    """All downloads of this server. Whoever asks joins; what is fetched is on disk and belongs to all."""

    def __init__(self) -> None:
        self._jobs: dict[str, _Download] = {}
        self._lock = threading.Lock()

    def join(self, name: str, person: str) -> None:
        """Want a set of `REMOTE`: its download begins, or goes on with one more person waiting for it."""
        with self._lock:
            job = self._jobs.get(name)
            if job is not None and job.state.is_running:
                job.people.add(person)
            elif not is_downloaded(name):
                state = DownloadState(downloaded_bytes(name), REMOTE[name].size_bytes)
                job = self._jobs[name] = _Download(state, {person})
                threading.Thread(target=self._fetch, args=(name, job), name=f"download {name}", daemon=True).start()

    def leave(self, name: str, person: str) -> None:
        """Want it no more. The last one to leave ends the download; what came so far is kept for the next."""
        with self._lock:
            job = self._jobs.get(name)
            if job is not None:
                job.people.discard(person)
                if not job.state.is_running:
                    del self._jobs[name]

    def state_of(self, name: str) -> DownloadState | None:
        """How far the download of a set is; None if there is none, or it is through."""
        job = self._jobs.get(name)
        return None if job is None else replace(job.state, people=len(job.people))

    def is_wanted_by(self, name: str, person: str) -> bool:
        job = self._jobs.get(name)
        return job is not None and person in job.people

    def _fetch(self, name: str, job: _Download) -> None:
        began, before = time.monotonic(), -1  # bytes that were here when it began

        def progress(done: int, total: int) -> None:
            nonlocal before
            before = done if before < 0 else before
            seconds, arrived = time.monotonic() - began, done - before
            left = (total - done) * seconds / arrived if arrived > 0 and seconds > SPEED_AFTER else None
            with self._lock:  # nobody joins a download that is about to end
                job.state = DownloadState(done, total, seconds_left=left, is_running=bool(job.people))
            if not job.state.is_running:
                raise Cancelled

        error = ""
        try:
            download(name, progress)
        except Cancelled:
            pass
        except PlaygroundError as failure:
            error = str(failure)
        except OSError as failure:
            error = f"{storage_sentence(failure)} What has arrived is kept."
        except Exception as failure:  # a disk that fills up in the middle, say: the thread must not die unheard
            error = f"The download failed: {failure}. What has arrived is kept, so try again."
        with self._lock:
            job.state = replace(job.state, error=error, is_running=False, seconds_left=None)
            if not error and self._jobs.get(name) is job:
                del self._jobs[name]
