"""`python -m core.jobs.processes.serve DEVICE ...`: a scheduler and a worker per device, while their parent lives.

The address is printed as the first line. The end of standard input, which comes however the parent ends, ends us: no
orphan stays behind, even when the web server is killed. One process holds scheduler and nannies, which saves 60 MB.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import threading
from collections.abc import Sequence

from distributed import Nanny, Scheduler

from core.jobs.worker.niceness import let_session_give_way

RUN_SLOT = "run"  # a worker trains one network at a time, and decodes images beside it
THREADS = 2
LOCALHOST = "127.0.0.1"
GRACE_S = 1  # that a running task has to end by itself
GOODBYE = "goodbye"


def slot(device: str) -> str:
    """What a run on the device takes of our workers.

    >>> slot("cpu"), slot("cuda:1")
    ('run', 'run on cuda:1')
    """
    return RUN_SLOT if device == "cpu" else f"{RUN_SLOT} on {device}"


async def serve(devices: Sequence[str], scratch: str) -> None:
    """Print the scheduler's address, then wait until our parent is gone."""
    last_words = asyncio.get_running_loop().create_future()
    threading.Thread(target=_listen_to_parent, args=(last_words,), daemon=True).start()
    scheduler = Scheduler(port=0, host=LOCALHOST, dashboard=False, dashboard_address=f"{LOCALHOST}:0")
    async with scheduler, contextlib.AsyncExitStack() as stack:
        nannies = [_nanny(scheduler.address, device, scratch) for device in devices]
        await asyncio.gather(*(stack.enter_async_context(nanny) for nanny in nannies))
        print(scheduler.address, flush=True)
        await last_words
        await asyncio.gather(*(nanny.close(timeout=GRACE_S) for nanny in nannies))


def _nanny(scheduler: str, device: str, scratch: str) -> Nanny:
    resources = {slot(device): 1}
    return Nanny(scheduler, nthreads=THREADS, resources=resources, host=LOCALHOST, local_directory=scratch)


def _listen_to_parent(last_words: asyncio.Future) -> None:
    words = sys.stdin.read()
    last_words.get_loop().call_soon_threadsafe(last_words.set_result, words)


if __name__ == "__main__":
    let_session_give_way()
    with tempfile.TemporaryDirectory(prefix="cnn-playground-", ignore_cleanup_errors=True) as folder:
        asyncio.run(serve(sys.argv[1:], folder))
