"""Work that no page waits for: done once, for a visitor, given up when nobody looks, begun anew after an error."""

import threading

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import PlaygroundError
from playground import background_work, computation_gate
from playground.background_work import BackgroundWork, UnwantedError
from playground.computation_gate import ComputationGate
from tests.playground.test_computation_gate import in_thread, until

PATIENCE_S = 120


def test_the_page_goes_on_while_it_is_done_and_it_is_done_once():
    hold, calls = threading.Event(), []

    def work():
        calls.append(hold.wait(PATIENCE_S))

    one = BackgroundWork(work)
    assert not one.look()
    assert not one.look(), "it is under way, and not begun twice"
    hold.set()
    assert one.look(PATIENCE_S)
    assert one.look()
    assert calls == [True]


def test_what_stops_it_is_told_once_and_then_it_tries_again():
    problems = [PlaygroundError("memory ran out")]

    def work():
        if problems:
            raise problems.pop()

    one = BackgroundWork(work)
    with pytest.raises(PlaygroundError, match="memory ran out"):
        one.look(PATIENCE_S)
    assert one.look(PATIENCE_S)


def test_where_too_many_computations_wait_it_asks_again():
    full = [True]

    def work():
        if full.pop() if full else False:
            raise computation_gate.QueueFullError

    one = BackgroundWork(work)
    assert not one.look(PATIENCE_S)
    assert one.look(PATIENCE_S), "there was room the second time"


def test_it_leaves_the_queue_when_nobody_looks_and_comes_back(monkeypatch):
    gate, computed = ComputationGate(1, 9, 99), []
    monkeypatch.setattr(computation_gate, "gate", lambda: gate)

    def work():
        with computation_gate.turn():
            computed.append("it")

    one = BackgroundWork(work)
    with gate.turn("somebody"):
        assert not one.look()
        one.rest()
        one._thread.join(PATIENCE_S)
        assert gate.waiting == 0
    assert not computed
    assert one.look(PATIENCE_S)
    assert computed == ["it"]


def test_a_thread_that_draws_no_page_computes_for_a_visitor_until_nobody_wants_it(monkeypatch):
    one, wanted = ComputationGate(1, 9, 99), threading.Event()
    monkeypatch.setattr(computation_gate, "gate", lambda: one)
    wanted.set()

    def check() -> None:
        if not wanted.is_set():
            raise UnwantedError

    def compute() -> None:
        with computation_gate.in_the_name_of("visitor", check), pytest.raises(UnwantedError), computation_gate.turn():
            raise AssertionError("it was dropped before")

    with one.turn("somebody"):
        thread = in_thread(compute)
        until(lambda: one.waiting == 1)
        assert one._waiting[0].visitor == "visitor"
        wanted.clear()
        thread.join(PATIENCE_S)
    assert one.waiting == 0


def test_where_no_page_is_drawn_a_full_queue_is_an_error(monkeypatch):
    monkeypatch.setattr(computation_gate, "gate", lambda: ComputationGate(1, 0, 99))
    with pytest.raises(computation_gate.QueueFullError), computation_gate.turn():
        raise AssertionError("there was no room")


def test_the_browser_is_told_to_ask_no_more():
    page = AppTest.from_function(_ticking).run()
    assert not page.exception
    assert [text.value for text in page.text] == ["done"]
    sent = [message.stop_auto_rerun for message in _sent if message.WhichOneof("type") == "stop_auto_rerun"]
    asked = [message.auto_rerun.fragment_id for message in _sent if message.WhichOneof("type") == "auto_rerun"]
    assert [list(one.fragment_ids) for one in sent] == [asked]


def test_outside_of_a_page_nothing_is_sent():
    background_work.stop_ticking()


_sent = []


def _ticking():
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from playground.background_work import stop_ticking
    from tests.playground.test_background_work import _sent

    ctx = get_script_run_ctx()
    enqueue = ctx._enqueue
    ctx._enqueue = lambda message: (_sent.append(message), enqueue(message))[1]

    @st.fragment(run_every=60)
    def tick():
        st.text("done")
        stop_ticking()

    tick()
