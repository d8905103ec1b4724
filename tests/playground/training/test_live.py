"""What the page shows while a run goes on: each panel on the network, and the figures above them."""

import dataclasses

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs.run_state import RUNNING, ResourceUsage
from playground.training.live.panels import PANELS
from tests.playground.training.finished_run import FinishedRuns, stand_in


@pytest.fixture
def view(tmp_path, monkeypatch):
    """A run of which all but the end is known."""
    runs = FinishedRuns(tmp_path)
    stand_in(monkeypatch, runs)
    usage = tuple(ResourceUsage(step, 250.0, 40_000_000, 50_000_000) for step in (1, 2, 3))
    return dataclasses.replace(runs.train("one"), state=RUNNING, done=None, usage=usage, worker="tcp://10.0.0.7:4242")


def opened(view, panel):
    def script(view):
        from playground.training.live import panels

        panels.show(view)

    app = AppTest.from_function(script, args=(view,), default_timeout=300)
    app.session_state["live-look"] = panel
    return app.run()


@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_opens(view, panel):
    app = opened(view, panel)
    assert not app.exception
    assert app.caption


@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_opens_before_there_is_anything_to_show(view, panel):
    app = opened(dataclasses.replace(view, steps=(), epochs=(), snapshots=(), usage=(), worker=""), panel)
    assert not app.exception
    assert app.caption


def test_the_panel_on_resources_names_the_device_and_the_worker(view):
    caption = opened(view, next(name for name in PANELS if "Resources" in name)).caption[0].value
    assert caption.startswith("Computed on CPU by worker tcp")
    assert "fp32" in caption
