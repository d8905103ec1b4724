"""Where processes compute beside the server, the training page does not wait for the memory of a recipe."""

import time

import pytest
import streamlit as st

from core.errors import PlaygroundError
from core.training.recipe import memory_needed
from playground import background_work, computation_gate
from playground.job_manager import job_manager
from playground.training import memory
from tests.pages.held_pool import PATIENCE_S, HeldPool
from tests.pages.helpers import open_page

SMALL = {"tz": "32", "tnow_network": "Cats and dogs"}
ESTIMATING = "Estimating the memory …"


@pytest.fixture(scope="module", autouse=True)
def _end_the_processes():
    yield
    job_manager().close()
    job_manager.clear()


@pytest.fixture
def pool(monkeypatch):
    one = HeldPool(memory_needed.peaks)
    monkeypatch.setattr(computation_gate, "pool", lambda: one)
    monkeypatch.setattr(background_work, "SOON_S", 0.0)
    st.cache_data.clear()
    yield one
    one.hold.set()


def texts(page) -> list[str]:
    return [element.value for element in (*page.markdown, *page.caption, *page.error)]


def opened():
    """The page, once its images are decoded and a first look has been taken."""
    page, until = open_page("training", **SMALL), time.monotonic() + PATIENCE_S
    while ESTIMATING not in texts(page):
        assert time.monotonic() < until, "the images are never decoded"
        assert not page.exception
        time.sleep(0.1)
        page.run()
    return page


def finish(page) -> None:
    page.session_state[memory.WORK][1]._thread.join(PATIENCE_S)
    page.run()
    assert not page.exception


def test_the_page_is_there_before_the_memory_of_the_recipe(pool):
    page = opened()
    assert not any("of memory for its tensors" in text for text in texts(page))
    pool.hold.set()
    finish(page)
    assert any("of memory for its tensors" in text for text in texts(page))
    assert ESTIMATING not in texts(page)


def test_what_stops_it_is_said_in_its_place(pool):
    pool.error = PlaygroundError("memory ran out")
    page = opened()
    pool.hold.set()
    finish(page)
    assert any("emory ran out" in text for text in texts(page))
