"""Work for a visitor that the page does not wait for: in a thread of its own, as long as somebody looks at it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

from playground import computation_gate

PATIENCE_S = 5.0  # without a look; then nobody wants it
SOON_S, TICK_S = 0.15, 0.5  # that a page waits for a result; between two looks after that


class UnwantedError(Exception):
    """Nobody looks any more."""


class BackgroundWork:
    """Calls `work`, which computes at the gate, until that has returned once.

    Where it waits there and nobody looks any more, it ends early; the next look calls it again.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self._work: Callable[[], object] | None = work  # until it is done: it may hold much
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None
        self._wanted_until = 0.0

    def look(self, wait_s: float = 0.0) -> bool:
        """Have it go on; whether it is done, after `wait_s` at the latest.

        Raises: what has stopped it, once; the next look has it try again.
        """
        self._wanted_until = time.monotonic() + PATIENCE_S
        is_running = self._thread is not None and self._thread.is_alive()
        if self._work is not None and self._error is None and not is_running:
            self._thread = self._started(self._work)
        if self._thread is not None:
            self._thread.join(wait_s)
        error, self._error = self._error, None
        if error is not None:
            raise error
        return self._work is None

    def rest(self) -> None:
        """What is computed now is computed to its end, and nothing after it."""
        self._wanted_until = 0.0

    def check(self) -> None:
        """For the work, between its parts: ends it where nobody looks any more."""
        if time.monotonic() > self._wanted_until:
            raise UnwantedError

    def _started(self, work: Callable[[], object]) -> threading.Thread:
        ctx = get_script_run_ctx(suppress_warning=True)
        visitor = ctx.session_id if ctx else ""
        thread = threading.Thread(target=self._run, args=(work, visitor), name="background work", daemon=True)
        thread.start()
        return thread

    def _run(self, work: Callable[[], object], visitor: str) -> None:
        try:
            with computation_gate.in_the_name_of(visitor, self.check):
                work()
            self._work = None
        except (UnwantedError, computation_gate.QueueFullError):
            pass
        except Exception as error:
            self._error = error


def is_computed(slot: str, question: object, compute: Callable[[], object]) -> bool:
    """Whether a cached function has its result by now, at the latest after `SOON_S`; if not, look again in a moment.

    Where no process computes beside the server the page computes it itself, and need not look. Each visitor has one
    such question in each `slot` of the session's state; another one gives it up. Raises: what `compute` raises.
    """
    if not computation_gate.pool().is_available:
        return True
    known, work = st.session_state.get(slot, (None, None))
    if work is None or known != question:
        if work is not None:
            work.rest()
        work = BackgroundWork(compute)
        st.session_state[slot] = (question, work)
    return work.look(SOON_S)


def stop_ticking() -> None:
    """Inside a fragment with `run_every`: the browser asks for it no more, and what it has drawn stays."""
    ctx = get_script_run_ctx(suppress_warning=True)
    if ctx is None:
        return
    message = ForwardMsg()
    message.stop_auto_rerun.fragment_ids.append(ThreadState.get().fragment_id or "")
    ctx.enqueue(message)
