"""`python -m playground.jobs.serve`: a scheduler and one worker, for as long as the process that started them lives.

The address is printed as the first line. The end of standard input, which comes however the parent ends, ends us: no
orphan stays behind, even when the web server is killed. One process holds scheduler and nanny, which saves 60 MB.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path

from distributed import Nanny, Scheduler

RUN_SLOT = "run"  # a worker trains one network at a time, and prepares pictures beside it
THREADS = 2


async def serve() -> None:
    """Print the scheduler's address, then wait until our parent is gone."""
    orphaned = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(target=_wait_for_parent, args=(loop, orphaned), daemon=True).start()
    local = {"host": "127.0.0.1", "dashboard": False, "dashboard_address": "127.0.0.1:0"}
    async with Scheduler(port=0, **local) as scheduler:
        folders = {"local_directory": str(Path(sys.argv[1])) if len(sys.argv) > 1 else None}
        async with Nanny(scheduler.address, nthreads=THREADS, resources={RUN_SLOT: 1}, host="127.0.0.1", **folders):
            print(scheduler.address, flush=True)
            await orphaned.wait()


def _wait_for_parent(loop: asyncio.AbstractEventLoop, orphaned: asyncio.Event) -> None:
    sys.stdin.read()
    loop.call_soon_threadsafe(orphaned.set)


if __name__ == "__main__":
    asyncio.run(serve())
