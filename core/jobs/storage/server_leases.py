"""Which servers are alive: each holds a lock on a file of its own, which ends with its process however that ends."""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from core.datasets.cachedir import exclusively
from core.jobs.storage.run_store import NAME


class ServerLeases:
    """Our own name among the servers that share a folder, and a look at the others.

    Raises: OSError if nothing can be written there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.name = folder, secrets.token_hex(8)
        self._lock = self._hold()

    def _hold(self) -> FileLock:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = self._file(self.name)
        lock.acquire(timeout=0)
        return lock

    def renew(self) -> None:
        """Hold our lock again where its file was removed, or others would take us for dead. Raises: OSError."""
        if not Path(self._lock.lock_file).exists():
            self._lock.release()
            self._lock = self._hold()

    def is_alive(self, name: str) -> bool:
        """Whether the server of that name is alive; we are. Files of the dead are removed.

        One of which nothing can be known, because nothing can be written, counts as alive.
        """
        if name == self.name:
            return True
        if not NAME.fullmatch(name):
            return False
        lock = self._file(name)
        if Path(lock.lock_file).is_dir():  # not ours: no server holds it
            return False
        try:
            lock.acquire(timeout=0)
        except (Timeout, OSError):
            return True
        lock.release()
        with suppress(OSError):
            Path(lock.lock_file).unlink(missing_ok=True)
        return False

    def adopting(self) -> AbstractContextManager[None]:
        """Inside, no other server adopts runs."""
        return exclusively(self.folder / "adopting")

    def close(self) -> None:
        """Others may take up our runs."""
        self._lock.release()

    def _file(self, name: str) -> FileLock:
        return FileLock(self.folder / f"{name}.open", thread_local=False, is_singleton=False)
