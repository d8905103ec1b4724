"""`python -m playground.jobs.processes.serve FOLDER`: a scheduler and one worker, while their parent lives.

The address is printed as the first line. The end of standard input, which comes however the parent ends, ends us: no
orphan stays behind, even when the web server is killed. Then nobody else is left to remove people's pictures, so we
do, unless the parent said goodbye. One process holds scheduler and nanny, which saves 60 MB.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import threading
from pathlib import Path

from distributed import Nanny, Scheduler

RUN_SLOT = "run"  # a worker trains one network at a time, and prepares pictures beside it
THREADS = 2
GRACE = 1  # seconds that a running task has to end by itself
GOODBYE = "goodbye"  # the parent ends us on purpose, and looks after its folder itself


async def serve(folder: Path) -> None:
    """Print the scheduler's address, then wait until our parent is gone."""
    last_words = asyncio.get_running_loop().create_future()
    threading.Thread(target=_listen_to_parent, args=(last_words,), daemon=True).start()
    local = {"host": "127.0.0.1", "dashboard": False, "dashboard_address": "127.0.0.1:0"}
    async with Scheduler(port=0, **local) as scheduler:
        slots = {"nthreads": THREADS, "resources": {RUN_SLOT: 1}}
        async with Nanny(scheduler.address, host="127.0.0.1", local_directory=str(folder), **slots) as nanny:
            print(scheduler.address, flush=True)
            words = await last_words
            await nanny.close(timeout=GRACE)
    if GOODBYE not in words:
        shutil.rmtree(folder, ignore_errors=True)


def _listen_to_parent(last_words: asyncio.Future) -> None:
    words = sys.stdin.read()
    last_words.get_loop().call_soon_threadsafe(last_words.set_result, words)


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
