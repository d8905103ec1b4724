"""What a visitor's script leaves goes at the end of its thread, not when Python looks for garbage.

Each answer has a thread of its own. When that has ended, Streamlit's objects for it still hold each other in a ring,
and with them all that the page has drawn (`docs/load.md`).
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable

from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_run_context_attr import SCRIPT_RUN_CONTEXT_ATTR_NAME


@functools.cache
def install() -> None:
    """For all threads that begin after this in this process."""
    ScriptRunner._run_script_thread = _letting_go(ScriptRunner._run_script_thread)


def _letting_go(run: Callable[[ScriptRunner], None]) -> Callable[[ScriptRunner], None]:
    @functools.wraps(run)
    def run_and_let_go(runner: ScriptRunner) -> None:
        try:
            run(runner)
        finally:
            with contextlib.suppress(AttributeError):  # it ended before it had one
                delattr(threading.current_thread(), SCRIPT_RUN_CONTEXT_ATTR_NAME)
            object.__setattr__(runner._session_state, "_yield_callback", _no_request)

    return run_and_let_go


def _no_request() -> None:
    """A thread that has ended can be asked for nothing."""
