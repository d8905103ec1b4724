"""How many heavy computations run in this server at a time, and whose is next.

Streamlit answers every visitor in a thread of its own, and all of them share one interpreter. What takes more than
about a tenth of a second therefore waits for its turn here: few at a time, fair between visitors, and one whose control
has been moved on in the meantime is dropped before it begins. All else does not pass the gate.

What can be pickled is better computed apart, in a process beside the server (`core.jobs.process_pool`), for which the
interpreter of the pages does not wait. There is another gate before those processes, which knows the same rules.
"""

from __future__ import annotations

import contextlib
import contextvars
import functools
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests, ScriptRequestType

from core import cpu_count
from core.jobs.process_pool.pool import PoolUnavailableError, ProcessPool
from core.limits import limits

HEAVY_S, HEAVY_BEHIND_S = 0.3, 2.0  # what takes as long lets all else go first for a while
LATER_BEHIND_S = 5.0  # what nobody waits for
LOOK_S = 0.05  # between two looks at whether a computation is still wanted
MODULES = (
    "core.spec_analysis",
    "core.lessons.dropout",
    "core.lessons.optimizers.training",
    "core.training.recipe.memory_needed",
)  # imported by the processes before they are needed
BUSY = "The server is busy with the computations of other visitors. Move the control again in a moment."
Function = TypeVar("Function", bound=Callable[..., Any])
Result = TypeVar("Result")
Caller = tuple[str, Callable[[], None]]  # the visitor, and what raises once the computation is not wanted any more
_caller: contextvars.ContextVar[Caller | None] = contextvars.ContextVar("caller", default=None)


class QueueFullError(Exception):
    """Too many computations wait already."""


@dataclass(frozen=True)
class _Ticket:
    visitor: str
    number: int
    behind_until: float = 0.0  # in seconds of the clock: before that, all others go first
    counts: bool = True  # for what the visitor was served


@dataclass
class ComputationGate:
    """At most `at_once` computations run; of those that wait, that of the visitor who was served longest ago is next.

    `per_visitor` and `per_server` bound how many wait.
    """

    at_once: int
    per_visitor: int
    per_server: int
    clock: Callable[[], float] = time.monotonic
    _running: int = 0
    _waiting: list[_Ticket] = field(default_factory=list)
    _served: dict[str, int] = field(default_factory=dict)  # visitor -> number of the turn, the larger the later
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _inside: threading.local = field(default_factory=threading.local)

    @contextlib.contextmanager
    def turn(
        self, visitor: str = "", check: Callable[[], None] = lambda: None, behind_s: float = 0.0, counts: bool = True
    ) -> Iterator[None]:
        """Wait for a turn, and hold it while the block runs; inside of a turn nothing waits.

        For `behind_s` all others go first; unless it `counts`, the visitor's own next one does not wait longer for it.

        `check` is called now and then while waiting, and once before the block; what it raises gives up the place.
        Raises: QueueFullError if too many wait already.
        """
        if getattr(self._inside, "holds", False):
            yield
            return
        self._wait(check, self._queue(visitor, behind_s, counts))
        self._inside.holds = True
        try:
            check()
            yield
        finally:
            self._inside.holds = False
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def _wait(self, check: Callable[[], None], ticket: _Ticket) -> None:
        try:
            while True:
                with self._changed:
                    if self._begins(ticket):
                        return
                    self._changed.wait(LOOK_S)
                    if self._begins(ticket):
                        return
                check()
        except BaseException:
            with self._changed:
                self._waiting.remove(ticket)
                self._changed.notify_all()
            raise

    def _queue(self, visitor: str, behind_s: float, counts: bool) -> _Ticket:
        with self._changed:
            mine = sum(ticket.visitor == visitor for ticket in self._waiting)
            if mine >= self.per_visitor or len(self._waiting) >= self.per_server:
                raise QueueFullError
            ticket = _Ticket(visitor, next(self._numbers), self.clock() + behind_s, counts)
            self._waiting.append(ticket)
            return ticket

    def _begins(self, ticket: _Ticket) -> bool:
        """Whether there is room and the ticket is next; then its turn has begun."""
        if self._running >= self.at_once or ticket != min(self._waiting, key=self._order):
            return False
        self._waiting.remove(ticket)
        self._running += 1
        if ticket.counts:
            self._served[ticket.visitor] = next(self._numbers)
        if len(self._served) > 2 * self.per_server:  # who was served longest ago counts as new
            del self._served[min(self._served, key=self._served.__getitem__)]
        self._changed.notify_all()
        return True

    def _order(self, ticket: _Ticket) -> tuple[bool, int, int]:
        return ticket.behind_until > self.clock(), self._served.get(ticket.visitor, 0), ticket.number


@functools.cache
def gate() -> ComputationGate:
    """That of this server. One core is left to all that does not pass it."""
    at_once = max(1, min(limits().computations, cpu_count.allowed() - 1))
    return ComputationGate(at_once, limits().waiting_per_visitor, limits().waiting_per_server)


@functools.cache
def pool() -> ProcessPool:
    """The processes of this server that compute apart; none on a small machine."""
    return ProcessPool(limits().computing_processes, MODULES)


@functools.cache
def _gate_of_pool() -> ComputationGate:
    return ComputationGate(max(1, pool().size), limits().waiting_per_visitor, limits().waiting_per_server)


def is_idle() -> bool:
    """Whether a process that computes apart is there, and nobody waits for one."""
    return pool().is_available and not _gate_of_pool().waiting


@contextlib.contextmanager
def turn(apart: bool = False, behind_s: float = 0.0, counts: bool = True) -> Iterator[None]:
    """A turn for the visitor whose page is drawn here; one who is told to come back later sees why.

    Raises: QueueFullError where no page is drawn.
    """
    one, ctx = _gate_of_pool() if apart else gate(), get_script_run_ctx(suppress_warning=True)
    visitor, check = _caller.get() or (ctx.session_id if ctx else "", drop_if_stale)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(one.turn(visitor, check, behind_s, counts))
        except QueueFullError:
            if ctx is None:
                raise
            st.warning(BUSY, icon=":material/hourglass_top:")
            st.stop()
        yield


@contextlib.contextmanager
def in_the_name_of(visitor: str, check: Callable[[], None]) -> Iterator[None]:
    """What a thread that draws no page computes inside is for this visitor; `check` raises once nobody wants it."""
    token = _caller.set((visitor, check))
    try:
        yield
    finally:
        _caller.reset(token)


def compute(function: Callable[..., Result], *arguments: object, later: bool = False) -> Result:
    """`function(*arguments)`, when it is its turn: apart from the server, or in it where there is no process for that.

    The function must be one of `core`, found by its name, and it, its arguments, result and errors can be pickled.
    `later`: what others wait for goes first, for some seconds.
    """
    behind_s = LATER_BEHIND_S if later else _expected.behind_s(function)
    if pool().is_available:
        with contextlib.suppress(PoolUnavailableError), turn(True, behind_s, not later), _expected.measured(function):
            return pool().compute(function, *arguments)
    with turn(False, behind_s, not later), _expected.measured(function):
        return function(*arguments)


class ExpectedTimes:
    """How long functions have taken, so that who wants something short need not wait for what takes long."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._seconds = clock, dict[Any, float]()

    def behind_s(self, function: Callable[..., Any]) -> float:
        """For how many seconds others go first."""
        return HEAVY_BEHIND_S if self._seconds.get(_inner(function), 0.0) > HEAVY_S else 0.0

    @contextlib.contextmanager
    def measured(self, function: Callable[..., Any]) -> Iterator[None]:
        """Note how long the block takes: the mean of all, the latest counting most."""
        function, begin = _inner(function), self._clock()
        yield
        took = self._clock() - begin
        self._seconds[function] = (self._seconds.get(function, took) + took) / 2


_expected = ExpectedTimes()


def _inner(function: Callable[..., Any]) -> Callable[..., Any]:
    return function.func if isinstance(function, functools.partial) else function


def cached(
    max_entries: int, show_spinner: bool | str = False, apart: bool = False, shared: bool = False
) -> Callable[[Function], Function]:
    """`st.cache_data` for what is heavy: computed once for equal settings, and only when it is its turn.

    Whoever wants the same at the same time waits for that one result. So it must not call another one of these.
    Args: `apart` for a function of `core` that `compute` takes; `shared` for results that nobody changes and that are
        to stay however much else is cached.
    """

    def decorate(function: Function) -> Function:
        entries, cache = limits().entries(max_entries), st.cache_resource if shared else st.cache_data
        waiting = _apart(function) if apart else in_turn(function)
        return cast(Function, cache(waiting, max_entries=entries, show_spinner=show_spinner))

    return decorate


def in_turn(function: Function) -> Function:
    """The function, computed in the server when it is its turn."""

    @functools.wraps(function)
    def waiting(*arguments: Any, **named: Any) -> Any:
        with turn():
            return function(*arguments, **named)

    return cast(Function, waiting)


def _apart(function: Function) -> Function:
    @functools.wraps(function)
    def waiting(*arguments: Any, **named: Any) -> Any:
        return compute(functools.partial(function, **named) if named else function, *arguments)

    return cast(Function, waiting)


def drop_if_stale() -> None:
    """End this run of the script where a newer one is wanted instead. Raises: RerunException, or StopException.

    Streamlit itself ends a run early for one of the whole page, but not for the same fragment with a newer setting.
    """
    ctx = get_script_run_ctx(suppress_warning=True)
    if ctx is None or ctx.yield_check is None:
        return
    ctx.yield_check()
    requests = getattr(getattr(ctx.yield_check, "__self__", None), "_requests", None)
    if isinstance(requests, ScriptRequests) and (newer := _newer(requests, ctx.fragment_ids_this_run or [])):
        raise RerunException(newer)


def _newer(requests: ScriptRequests, fragments: list[str]) -> RerunData | None:
    """The visitor's request that redraws all of these fragments; it is taken out of the requests."""
    with requests._lock:
        if requests._state is not ScriptRequestType.RERUN or not fragments:
            return None
        wanted = requests._rerun_data
        if wanted.is_auto_rerun or not set(fragments) <= set(wanted.fragment_id_queue):
            return None
        requests._state = ScriptRequestType.CONTINUE
        return wanted
