"""Where processes compute beside the server, the calculator does not wait for its largest batch."""

import pytest
import streamlit as st

from core import spec_analysis
from core.errors import PlaygroundError
from playground import background_work, computation_gate
from playground.background_work import UnwantedError
from playground.calculator import fitting, links, summary
from tests.pages.held_pool import PATIENCE_S, HeldPool
from tests.pages.helpers import open_page

CARD = "Largest batch size"
LENET = links.of_preset("LeNet-5", 32)


@pytest.fixture
def pool(monkeypatch):
    one, gate = HeldPool(spec_analysis.largest_batch_of), computation_gate.ComputationGate(2, 9, 99)
    monkeypatch.setattr(computation_gate, "pool", lambda: one)
    monkeypatch.setattr(computation_gate, "_gate_of_pool", lambda: gate)  # with room beside the one that is held
    monkeypatch.setattr(background_work, "SOON_S", 0.0)
    st.cache_data.clear()
    yield one
    one.hold.set()


def card(page) -> str:
    return next(metric.value for metric in page.metric if metric.label == CARD)


def finish(page) -> None:
    page.session_state[fitting.WORK][1].look(PATIENCE_S)


def test_the_page_is_there_before_the_largest_batch(pool):
    page = open_page("calculator", **LENET)
    assert not page.exception
    assert card(page) == "…"
    pool.hold.set()
    finish(page)
    page.run()
    assert int(card(page).replace(",", "")) > 32
    assert not page.exception


def test_what_stops_it_is_said_in_its_place(pool):
    pool.error = PlaygroundError("memory ran out")
    page = open_page("calculator", **LENET)
    pool.hold.set()
    page.session_state[fitting.WORK][1]._thread.join(PATIENCE_S)
    page.run()
    assert not page.exception
    assert any("emory ran out" in error.value for error in page.error)


def test_another_setting_gives_up_what_is_computed_for_the_one_before(pool):
    page = open_page("calculator", **LENET)
    _, before = page.session_state[fitting.WORK]
    page.selectbox(key="ca_prec").select_index(1).run()
    _, now = page.session_state[fitting.WORK]
    assert now is not before
    with pytest.raises(UnwantedError):
        before.check()
    now.check()


def test_a_largest_batch_that_is_there_soon_is_drawn_at_once(pool, monkeypatch):
    monkeypatch.setattr(background_work, "SOON_S", PATIENCE_S)
    monkeypatch.setattr(summary, "_look_for_largest_batch", lambda *_: pytest.fail("the browser has to ask again"))
    pool.hold.set()
    assert card(open_page("calculator", **LENET)) != "…"
