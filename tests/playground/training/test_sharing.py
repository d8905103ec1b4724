"""What the owner of a run offers, and what whoever has the link sees of it: no more than that."""

import dataclasses

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs.run_state import RUNNING
from core.jobs.storage.run_store import RunStore
from core.jobs.storage.shared_runs import SharedRuns
from playground.training import sharing
from playground.training.live import panels
from tests.pages.helpers import components
from tests.playground.training.finished_run import FinishedRuns, stand_in


@pytest.fixture
def runs(tmp_path, monkeypatch):
    made = FinishedRuns(tmp_path)
    made.train("one")
    store = RunStore(tmp_path / "store")
    store.new_folder("somebody", "one").path.mkdir(parents=True)
    made.shared_runs = SharedRuns(store)
    stand_in(monkeypatch, made)
    monkeypatch.setattr(sharing, "job_manager", lambda: made)
    monkeypatch.setattr(sharing, "_runs", lambda: made.shared_runs)
    monkeypatch.setattr(sharing, "owner", lambda: "somebody")
    return made


def link(runs, **terms):
    return runs.shared_runs.share("somebody", "one", **{"shows_images": True, "offers_files": False} | terms).token


def visitor(token, tab=""):
    def script():
        from playground.training import sharing

        sharing.show()

    app = AppTest.from_function(script, default_timeout=120)
    app.query_params[sharing.KEY] = token
    if tab:
        app.session_state["after-tab"] = tab
    return app.run()


def titles(app):
    return [tab.label for tab in app.tabs]


def test_a_visitor_sees_curves_and_results_and_has_nothing_to_press(runs):
    app = visitor(link(runs))
    assert not app.exception
    assert not app.error
    assert not app.button
    assert not app.get("download_button")
    assert {"Predictions", "Confusion matrix", *panels.PANELS} <= set(titles(app))
    assert not {"Try an image", "Label errors", "Test set", "Download"} & set(titles(app))
    assert "Validation accuracy" in [metric.label for metric in app.metric]


def test_a_run_that_goes_on_cannot_be_steered(runs):
    runs.views["one"] = dataclasses.replace(runs.views["one"], state=RUNNING, done=None)
    app = visitor(link(runs))
    assert not app.exception
    assert not app.button
    assert not app.select_slider


def test_without_leave_no_image_is_shown(runs):
    token = link(runs, shows_images=False)
    app = visitor(token, "Confusion matrix")
    assert not app.exception
    assert not components(app, "heatmap_overlay")
    assert not [one for one in app.get("html") if "<img" in one.proto.body]
    assert "Predictions" not in titles(app)
    assert not [title for title in titles(app) if "Predictions" in title]
    assert [one for one in visitor(link(runs), "Confusion matrix").get("html") if "<img" in one.proto.body]


def test_files_only_where_they_are_offered(runs):
    app = visitor(link(runs, offers_files=True), "Download")
    assert not app.exception
    assert "Weights" in [button.proto.label for button in app.get("download_button")]


def test_a_link_that_was_taken_back_closes_while_one_looks(runs):
    app = visitor(link(runs), "Confusion matrix")
    runs.shared_runs.revoke("somebody", "one")
    app.run()
    assert not app.exception
    assert [error.value for error in app.error] == [sharing.NOTHING]
    assert not app.metric
    assert not app.tabs


def test_the_owner_makes_a_link_and_takes_it_back(runs):
    def script(view):
        from playground.training import sharing

        sharing.offer(view)

    app = AppTest.from_function(script, args=(runs.views["one"],), default_timeout=300).run()
    assert not components(app, "page_address")
    app.button(key="share-make").click().run()
    shared = runs.shared_runs.of("somebody", "one")
    assert shared.shows_images  # sketches are everybody's
    assert not shared.offers_files
    (copied,) = components(app, "page_address")
    assert copied["query"] == f"shared={shared.token}"
    app.toggle(key="share-files-one").set_value(True).run()
    assert runs.shared_runs.find(shared.token).offers_files
    app.button(key="share-stop").click().run()
    assert runs.shared_runs.find(shared.token) is None
    assert not app.exception


def test_own_images_are_not_shown_unless_the_owner_says_so(runs, tmp_path):
    uploaded = dataclasses.replace(runs.views["one"].source, name="", path=str(tmp_path / "mine.zip"))
    view = dataclasses.replace(runs.views["one"], source=uploaded)

    def script(view):
        from playground.training import sharing

        sharing.offer(view)

    app = AppTest.from_function(script, args=(view,), default_timeout=300).run()
    app.button(key="share-make").click().run()
    assert not runs.shared_runs.of("somebody", "one").shows_images
    app.toggle(key="share-images-one").set_value(True).run()
    assert runs.shared_runs.of("somebody", "one").shows_images
