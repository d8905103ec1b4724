"""What is computed beforehand is what pages ask for first, and nothing is where that would delay them."""

import pytest
import streamlit as st

from core.errors import PlaygroundError
from core.jobs.process_pool.pool import ProcessPool
from playground import computation_gate, precomputation
from playground.calculator import results
from playground.inspect_network import network_view
from playground.precomputation import run
from playground.server import metrics
from playground.server.metrics import RerunTimes
from tests.pages.helpers import open_page


class Pool(ProcessPool):
    """Processes that are there at once and compute here."""

    is_available = True

    def compute(self, function, *arguments):
        return function(*arguments)


@pytest.fixture(autouse=True)
def _no_other(monkeypatch):
    """Ten seconds after its first page a process begins by itself."""
    monkeypatch.setattr(precomputation, "run", lambda: None)


@pytest.fixture
def pool(monkeypatch):
    one = Pool(1)
    monkeypatch.setattr(computation_gate, "pool", lambda: one)
    monkeypatch.setattr(precomputation, "QUIET_S", 0.0)


def noted(monkeypatch) -> list[str]:
    """The names of all functions that are computed from now on."""
    computed, compute = [], computation_gate.compute

    def note(function, *arguments, **how):
        computed.append(function.__name__)
        return compute(function, *arguments, **how)

    monkeypatch.setattr(computation_gate, "compute", note)
    return computed


@pytest.mark.parametrize(("page", "name"), [("dropout", "trained_weights"), ("initialization", "stds")])
def test_a_page_finds_what_was_computed_beforehand(pool, monkeypatch, page, name):
    computed = noted(monkeypatch)
    st.cache_resource.clear()
    computations = list(precomputation.computations())
    monkeypatch.setattr(precomputation, "computations", lambda: computations[:2])  # the table, the first network
    run()
    assert computed == ["stds", "trained_weights"]
    assert not open_page(page).exception
    assert computed.count(name) == 1, "the page asks for the same"


def test_the_calculator_finds_each_of_our_networks_at_its_first_settings(pool, monkeypatch):
    st.cache_resource.clear()
    st.cache_data.clear()
    for compute in precomputation.computations():
        if getattr(compute, "func", None) is results.prepare:
            compute()
    computed = noted(monkeypatch)
    for title in ("DenseNet-121", "LeNet-5"):
        assert not open_page("calculator", ca_net=title).exception
    assert not {"rows_of", "profile_of"} & set(computed)
    assert not open_page("calculator", ca_net="LeNet-5", ca_prec="bf16 throughout").exception
    assert computed.count("profile_of") == 1


def test_the_large_network_is_there_when_somebody_opens_it(monkeypatch, caplog):
    *_, prepare = precomputation.computations()
    st.cache_resource.clear()
    prepare()
    assert not caplog.messages, "there is no page to show a spinner on"
    for name in ("trace", "dead_maps"):
        monkeypatch.setattr(network_view, name, lambda *_: pytest.fail("it is computed once more"))
    page = open_page("inspect_network", network="EfficientNet-Lite0")
    assert not page.exception


def test_while_visitors_are_answered_it_waits(pool, monkeypatch):
    monkeypatch.setattr(precomputation, "QUIET_S", 1.0)
    times, now, done = RerunTimes(), 0.0, []

    def pause(seconds: float) -> None:
        nonlocal now
        now += seconds
        if now < 2:
            times.observe("dropout", "page", 0.1)

    monkeypatch.setattr(metrics.time, "monotonic", lambda: now)
    monkeypatch.setattr(precomputation, "RERUNS", times)
    monkeypatch.setattr(precomputation.time, "sleep", pause)
    monkeypatch.setattr(precomputation, "computations", lambda: [lambda: done.append(now)])
    times.observe("dropout", "page", 0.1)
    run()
    assert done == [pytest.approx(2.8, abs=0.3)]


def test_nothing_is_computed_without_a_process(monkeypatch):
    none = ProcessPool(0)
    monkeypatch.setattr(computation_gate, "pool", lambda: none)
    monkeypatch.setattr(precomputation, "computations", lambda: pytest.fail("it begins"))
    run()


def test_it_waits_for_visitors_and_ends_with_the_server(pool, monkeypatch):
    done, idle = [], iter([False, False, True, True])
    pauses = []

    def close() -> None:
        done.append("second")
        raise PlaygroundError("This server is shutting down.")

    monkeypatch.setattr(
        precomputation, "computations", lambda: [lambda: done.append("first"), close, lambda: done.append("third")]
    )
    monkeypatch.setattr(computation_gate, "is_idle", lambda: next(idle))
    monkeypatch.setattr(precomputation.time, "sleep", pauses.append)
    run()
    assert done == ["first", "second"]
    assert len(pauses) == 2
