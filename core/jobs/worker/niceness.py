"""Training gives way to the pages: how far, and how the system is told."""

from __future__ import annotations

import contextlib
import contextvars
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

NICENESS = 19  # all the way: at 10 a page still waits a third longer beside a run
AUTOGROUP = Path("/proc/self/autogroup")


def niceness() -> int:
    """From 0, like everybody, to 19, last of all.

    `CNN_PLAYGROUND_NICENESS` is for machines that are never idle, where a run would hardly begin.
    """
    try:
        return min(19, max(0, int(os.environ.get("CNN_PLAYGROUND_NICENESS", NICENESS))))
    except ValueError:
        return NICENESS


def be_nice(value: int | None = None) -> None:
    """Let this thread, and those that it starts, give way to the other threads of the session. For good.

    Args: `value` is how far, from 0 to 19; otherwise as `niceness` says.
    """
    with contextlib.suppress(AttributeError, OSError):  # not everywhere
        os.nice(max(0, (niceness() if value is None else value) - os.nice(0)))


def in_nice_thread(function: Callable[..., T], *arguments: object, value: int | None = None) -> T:
    """What the function gives, computed by a thread of its own that gives way, while this one only waits.

    So a thread of a pool is as it was when its next task comes. Args: `value` as for `be_nice`.
    """
    result: Future[T] = Future()

    def work() -> None:
        be_nice(value)
        try:
            result.set_result(function(*arguments))
        except BaseException as error:
            result.set_exception(error)

    threading.Thread(target=contextvars.copy_context().run, args=(work,), name="nice", daemon=True).start()
    return result.result()


def let_session_give_way(value: int | None = None) -> None:
    """Let the whole session, which must be ours alone, give way to the others, until another `value` is set.

    Linux shares out the CPU among sessions first, and only within one by niceness: a browser on this machine, in
    a session of its own, would otherwise get no more than training. Source: sched(7), "The autogroup feature".
    """
    with contextlib.suppress(OSError):  # not everywhere, and at most ten times a second
        AUTOGROUP.write_text(str(niceness() if value is None else value), encoding="ascii")
