"""`python -m core.jobs.processes.serve [--within] SCRATCH DEVICE ...`: a scheduler and a worker a device.

One process holds the scheduler and the nannies, which saves 60 MB. A nanny starts its worker's process, and another one
if that dies. `--within`, there are no nannies: the workers are in the same process too, which saves 55 MB more, and
when it is killed, all of them are.

The address is printed as the first line. We live as long as our parent: the end of standard input, which comes however
the parent ends, ends us, so that no orphan stays behind, even when the web server is killed.
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
from distributed import Nanny, Scheduler, Worker

from core.jobs.worker.niceness import let_session_give_way

RUN_SLOT = "run"  # a worker trains one network at a time, and decodes images beside it
THREADS = 2
WITHIN = "--within"
LOCALHOST = "127.0.0.1"


def slot(device: str) -> str:
    """What a run on the device takes of our workers.

    >>> slot("cpu"), slot("cuda:1")
    ('run', 'run on cuda:1')
    """
    return RUN_SLOT if device == "cpu" else f"{RUN_SLOT} on {device}"


async def serve(devices: Sequence[str], scratch: str, within: bool) -> None:
    """Print the scheduler's address, then live as long as our parent. The workers' own files are in `scratch`."""
    threading.Thread(target=_end_with_parent, args=(scratch,), daemon=True).start()
    scheduler = Scheduler(port=0, host=LOCALHOST, dashboard=False, dashboard_address=f"{LOCALHOST}:0")
    async with scheduler, contextlib.AsyncExitStack() as stack:
        kind: type[Nanny | Worker] = Worker if within else Nanny
        workers = [_worker(kind, scheduler.address, device, scratch) for device in devices]
        await asyncio.gather(*(stack.enter_async_context(worker) for worker in workers))
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


def _worker(kind: type[Nanny | Worker], scheduler: str, device: str, scratch: str) -> Nanny | Worker:
    resources: dict[str, float] = {slot(device): 1}
    return kind(scheduler, nthreads=THREADS, resources=resources, host=LOCALHOST, local_directory=scratch)


if __name__ == "__main__":
    let_session_give_way()
    arguments = [argument for argument in sys.argv[1:] if argument != WITHIN]
    asyncio.run(serve(arguments[1:], arguments[0], WITHIN in sys.argv))
