"""A search for what reduces memory, in a thread of its own: the page goes on, and looks now and then what there is."""

from __future__ import annotations

import threading
import time

from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.profiler.fitting import IDEAS, Suggestion
from playground import computation_gate
from playground.calculator import fitting
from playground.calculator.results import Analysis

PATIENCE_S = 5.0  # a search that nobody looks at rests
PAUSE_S = 1.0  # before it asks again, where too many computations wait


class _RestError(Exception):
    """Nobody looks at the search any more."""


class SuggestionSearch:
    """Everything that reduces memory, one idea after another: `history`, with None for what saves nothing.

    It goes on where it was interrupted as soon as somebody looks at it again.
    """

    def __init__(self, analysis: Analysis) -> None:
        self.history: list[Suggestion | None] = []
        self._analysis, self._ideas = analysis, list(IDEAS) if analysis.profile is not None else []
        self._error: Exception | None = None
        self._thread: threading.Thread | None = None
        self._wanted_until = 0.0

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to try."""
        return not self._ideas

    def look(self) -> None:
        """Have it go on. Raises: what has just stopped it; the next look has it try again."""
        self._wanted_until = time.monotonic() + PATIENCE_S
        error, self._error = self._error, None
        if error is not None:
            raise error
        if not self.is_over and (self._thread is None or not self._thread.is_alive()):
            ctx = get_script_run_ctx(suppress_warning=True)
            visitor = ctx.session_id if ctx else ""
            self._thread = threading.Thread(target=self._search, args=(visitor,), name="suggestions", daemon=True)
            self._thread.start()

    def rest(self) -> None:
        """What is being tried is tried to its end, and nothing more."""
        self._wanted_until = 0.0

    def _search(self, visitor: str) -> None:
        try:
            with computation_gate.in_the_name_of(visitor, self._check):
                while self._ideas:
                    self._try_next()
        except _RestError:
            pass
        except Exception as error:
            self._error = error

    def _try_next(self) -> None:
        self._check()
        try:
            attempts = fitting.attempts(self._analysis, self._ideas[0])
        except computation_gate.QueueFullError:
            time.sleep(PAUSE_S)
            return
        self.history += attempts
        del self._ideas[0]

    def _check(self) -> None:
        if time.monotonic() > self._wanted_until:
            raise _RestError
