"""What takes several modules is imported for the first time by one thread at a time.

Python 3.11 has a lock for each module. Two threads that import a package and a module inside it at the same moment may
wait for each other, and one of them then fails (`_DeadlockError`): so did some of thirty first visitors of a server.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

_lock = threading.RLock()
_imported: set[str] = set()


@contextlib.contextmanager
def one_at_a_time(key: str) -> Iterator[None]:
    """While the block imports, no other thread is in such a block; whose `key` went through before waits for nobody."""
    if key in _imported:
        yield
        return
    with _lock:
        yield
    _imported.add(key)
