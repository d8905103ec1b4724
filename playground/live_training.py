"""Short training runs on a page: a lesson's generator, kept in the visitor's session and advanced by a fragment.

No thread and no queue: each tick does about a tenth of a second of work, and stopping is not ticking. Two visitors
never share a run, and the generators bring their own `torch.Generator`s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from playground import computation_gate, lesson

WORK_S = 0.1  # of computing per tick
TICK_S = 0.25  # between ticks: what is left of it belongs to the other visitors and to drawing


@dataclass
class LiveRun:
    """A run: its settings, its steps, the results of the steps taken so far, and whether it is over."""

    settings: Any
    steps: Iterator[Any]
    history: list[Any] = field(default_factory=list)
    is_over: bool = False

    def advance(self, work_s: float = WORK_S, at_most: int | None = None) -> None:
        """Take steps for about `work_s` seconds, at least one, at most `at_most`; note when all are taken."""
        until = time.perf_counter() + work_s
        for count, result in enumerate(self.steps, start=1):
            self.history.append(result)
            if count == at_most or time.perf_counter() >= until:
                return
        self.is_over = True


def controls(key: str, settings: Any, start: Callable[[], Iterator[Any]], label: str = "Start") -> None:
    """A button that starts a run with these settings, and one that stops it. A finished run stays on the screen."""
    buttons(key, lambda: settings, lambda _: start(), label)
    note(key, settings)


def buttons(key: str, current: Callable[[], Any], start: Callable[[Any], Iterator[Any]], label: str = "Start") -> None:
    """The two buttons of a run. Its settings are read when it starts, so that they need not follow the controls."""
    run = st.session_state.get(_slot(key))
    running = run is not None and not run.is_over

    def begin() -> None:
        settings = current()
        st.session_state[_slot(key)] = LiveRun(settings, start(settings))

    def stop() -> None:
        st.session_state[_slot(key)].is_over = True

    with st.container(horizontal=True):
        label = "Start again" if run else label
        st.button(
            label, type="primary", icon=":material/play_arrow:", key=f"{key}-start", disabled=running, on_click=begin
        )
        st.button("Stop", icon=":material/stop:", key=f"{key}-stop", disabled=not running, on_click=stop)


def note(key: str, settings: Any) -> None:
    """A note where the run on the screen is over and had other settings than these."""
    run = st.session_state.get(_slot(key))
    if run and run.is_over and repr(run.settings) != repr(settings):  # a page's classes are made anew each run
        st.caption("The settings have changed since this run; start again to apply them.")


def watch(key: str, draw: Callable[[LiveRun], None], at_most: int | None = None) -> None:
    """Show the session's run, if there is one, and advance it while it runs, by at most `at_most` steps per tick."""
    run = st.session_state.get(_slot(key))
    if run is None:
        return
    running = not run.is_over

    @lesson.fragment(part=key, run_every=TICK_S if running else None)
    def tick() -> None:
        if not run.is_over:
            with computation_gate.turn():
                run.advance(at_most=at_most)
        draw(run)
        if running and run.is_over:
            st.rerun()

    tick()


def has_started(key: str) -> bool:
    """Whether there is a run to show, under way or over."""
    return _slot(key) in st.session_state


def _slot(key: str) -> str:
    return f"run:{key}"
