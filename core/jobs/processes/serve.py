"""`python -m core.jobs.processes.serve SCRATCH DEVICE ...`: a scheduler and a worker a device, while the parent lives.

The address is printed as the first line. The end of standard input, which comes however the parent ends, ends us: no
orphan stays behind, even when the web server is killed. One process holds scheduler and nannies, which saves 60 MB.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn

import psutil
from distributed import Nanny, Scheduler

from core.jobs.worker.niceness import let_session_give_way

RUN_SLOT = "run"  # a worker trains one network at a time, and decodes images beside it
THREADS = 2
LOCALHOST = "127.0.0.1"


def slot(device: str) -> str:
    """What a run on the device takes of our workers.

    >>> slot("cpu"), slot("cuda:1")
    ('run', 'run on cuda:1')
    """
    return RUN_SLOT if device == "cpu" else f"{RUN_SLOT} on {device}"


async def serve(devices: Sequence[str], scratch: str) -> None:
    """Print the scheduler's address, then live as long as our parent. The workers' own files are in `scratch`."""
    threading.Thread(target=_end_with_parent, args=(scratch,), daemon=True).start()
    scheduler = Scheduler(port=0, host=LOCALHOST, dashboard=False, dashboard_address=f"{LOCALHOST}:0")
    async with scheduler, contextlib.AsyncExitStack() as stack:
        nannies = [_nanny(scheduler.address, device, scratch) for device in devices]
        await asyncio.gather(*(stack.enter_async_context(nanny) for nanny in nannies))
        print(scheduler.address, flush=True)
        await asyncio.Event().wait()


def _end_with_parent(scratch: str) -> NoReturn:
    """End the workers and ourselves at once when the parent is gone, also while we are starting.

    Nothing is lost by that: a run goes on from its checkpoint however it ended.
    """
    sys.stdin.read()
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(0)


def _nanny(scheduler: str, device: str, scratch: str) -> Nanny:
    resources = {slot(device): 1}
    return Nanny(scheduler, nthreads=THREADS, resources=resources, host=LOCALHOST, local_directory=scratch)


if __name__ == "__main__":
    let_session_give_way()
    asyncio.run(serve(sys.argv[2:], sys.argv[1]))
