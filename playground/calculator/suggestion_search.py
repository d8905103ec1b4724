"""A search for what reduces memory: the page goes on meanwhile, and looks now and then what there is."""

from __future__ import annotations

import time
from functools import partial

from core.profiler.fitting import IDEAS, Suggestion
from playground.background_work import BackgroundWork
from playground.calculator import fitting
from playground.calculator.results import Analysis

STANDS_S = 1.5  # before a setting is worth a search: a visitor on the way to another one passes many


class SuggestionSearch:
    """Everything that reduces memory, one idea after another: `history`, with None for what saves nothing.

    It goes on where it was interrupted as soon as somebody looks at it again.
    """

    def __init__(self, analysis: Analysis) -> None:
        self.history: list[Suggestion | None] = []
        self._ideas = list(IDEAS) if analysis.profile is not None else []
        self._begin, self._work = time.monotonic() + STANDS_S, BackgroundWork(partial(self._try_all, analysis))

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to try."""
        return not self._ideas

    def look(self) -> None:
        """Have it go on. Raises: what has just stopped it; the next look has it try again."""
        if time.monotonic() >= self._begin:
            self._work.look()

    def rest(self) -> None:
        """What is being tried is tried to its end, and nothing more."""
        self._work.rest()

    def _try_all(self, analysis: Analysis) -> None:
        while self._ideas:
            self._work.check()
            self.history += fitting.attempts(analysis, self._ideas[0])
            del self._ideas[0]
