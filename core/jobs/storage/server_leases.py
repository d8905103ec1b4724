"""Which servers are alive: each holds a lock on a file of its own, which ends with its process however that ends."""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager
from pathlib import Path

from filelock import FileLock, Timeout

from core.datasets.cachedir import exclusively


class ServerLeases:
    """Our own name among the servers that share a folder, and a look at the others."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder, self.name = folder, secrets.token_hex(8)
        self._lock = self._file(self.name)
        self._lock.acquire(timeout=0)

    def is_alive(self, name: str) -> bool:
        """Whether the server of that name is alive; we are. Files of the dead are removed."""
        if name == self.name:
            return True
        lock = self._file(name)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)
        return False

    def adopting(self) -> AbstractContextManager[None]:
        """Inside, no other server adopts runs."""
        return exclusively(self.folder / "adopting")

    def close(self) -> None:
        self._lock.release()

    def _file(self, name: str) -> FileLock:
        return FileLock(self.folder / f"{name}.open", thread_local=False, is_singleton=False)
