"""Training gives way to the pages: how far, and how the system is told."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

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


def be_nice() -> None:
    """Let this thread, and those that it starts, give way to the other threads of the session. For good."""
    with contextlib.suppress(AttributeError, OSError):  # not everywhere
        os.nice(max(0, niceness() - os.nice(0)))


def let_session_give_way() -> None:
    """Let the whole session, which must be ours alone, give way to the others.

    Linux shares out the CPU among sessions first, and only within one by niceness: a browser on this machine, in
    a session of its own, would otherwise get no more than training. Source: sched(7), "The autogroup feature".
    """
    with contextlib.suppress(OSError):  # not everywhere
        AUTOGROUP.write_text(str(niceness()), encoding="ascii")
