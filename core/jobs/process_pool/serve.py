"""`python -m core.jobs.process_pool.serve MODULE ...`: computes what comes through standard input, while that is open.

Each request is a pickled function of a module of ours with its arguments; the reply is (True, result) or (False,
error). The first reply comes once the named modules are imported, and their `warm_up`, where they have one, has run.
The end of the input, which comes however the server ends, ends this process at once, also while it computes.
"""

from __future__ import annotations

import importlib
import os
import pickle
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import Any, BinaryIO

from core import heap
from core.errors import PlaygroundError
from core.jobs.worker.niceness import be_nice, let_session_give_way
from core.limits import limits

NICENESS = 4  # behind the pages, before training: a third of a core that a page keeps busy
QUIET_S = 20.0  # without a request, after which free memory goes back to the system

Request = tuple[Any, tuple[Any, ...]]  # a function and its arguments


def serve(modules: Sequence[str]) -> None:
    """Reply to requests until the input ends."""
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what is printed here goes to the server's log
    waiting: queue.SimpleQueue[Request] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(requests, waiting), daemon=True).start()
    _prepare(modules)
    _reply(replies, (True, os.getpid()))
    while True:
        function, arguments = _next(waiting)
        _reply(replies, _computed(function, arguments))
        del function, arguments


def _prepare(modules: Sequence[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is the server that a person stops
    be_nice(NICENESS)
    let_session_give_way(NICENESS)
    heap.keep_small()
    imported = [importlib.import_module(module) for module in modules]
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(limits().torch_threads)
    for module in imported:
        getattr(module, "warm_up", bool)()


def _read(requests: BinaryIO, waiting: queue.SimpleQueue[Request]) -> None:
    """Pass on what comes; the input is read all the time, so that its end is noticed."""
    try:
        while True:
            waiting.put(pickle.load(requests))
    except (EOFError, OSError):
        os._exit(0)
    except BaseException:
        traceback.print_exc()  # a request that cannot be read: the server replaces this process
        os._exit(1)


def _next(waiting: queue.SimpleQueue[Request]) -> Request:
    try:
        return waiting.get(timeout=QUIET_S)
    except queue.Empty:
        heap.give_back_free_memory()
        return waiting.get()


def _computed(function: Any, arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        return True, function(*arguments)
    except Exception as error:
        if not isinstance(error, PlaygroundError):
            error.add_note("".join(traceback.format_exception(error)))  # the server knows no more than this
        return False, error


def _reply(replies: BinaryIO, reply: tuple[bool, Any]) -> None:
    try:
        message = pickle.dumps(reply, pickle.HIGHEST_PROTOCOL)
        if not reply[0]:
            pickle.loads(message)  # some errors can be written and not read
    except Exception as error:  # a result or an error that cannot be sent
        message = pickle.dumps((False, TypeError(f"{type(reply[1]).__name__} cannot be sent: {error}")))
    replies.write(message)
    replies.flush()


if __name__ == "__main__":
    serve(sys.argv[1:])
