"""A finished run is inspected: its network, its images, and the weights it began with."""

import shutil

import pytest
import torch
from streamlit.testing.v1 import AppTest

from core.jobs.storage.run_folder import RunFolder
from core.lessons.inspect_network.why import IN_RANDOM_ORDER
from core.training import Epoch, Trainer
from playground.inspect_network import choice, finished_runs
from playground.inspect_network.network_source import TRAINED, UNTRAINED
from playground.inspect_network.why import measured
from playground.training.evaluation.inspect_link import address_of
from playground.training.evaluation.run_artifacts import artifacts_of
from tests.playground.training.finished_run import QUICK, FinishedRuns, stand_in


@pytest.fixture
def run(tmp_path, monkeypatch):
    runs = FinishedRuns(tmp_path)
    stand_in(monkeypatch, runs)
    monkeypatch.setattr(choice, "has_runs", lambda root, owner: True)
    monkeypatch.setattr(finished_runs, "job_manager", lambda: runs)
    monkeypatch.setattr(finished_runs, "owner", lambda: "somebody")
    runs.train("one")
    return artifacts_of(runs.views["one"])


def subject_of(**link: str):
    """What is inspected where a link leads."""

    def script():
        import streamlit as st

        from playground.inspect_network import choice

        st.session_state["subject"], st.session_state["note"] = choice.choose()

    app = AppTest.from_function(script, default_timeout=300)
    app.query_params.update(link)
    app.run()
    assert not app.exception
    return app.session_state["subject"], app


def test_a_link_names_the_run_and_an_image(run):
    assert address_of(run, 7) == "inspect_network?run=one&picture=7"
    subject, app = subject_of(run="one", picture="7")
    assert subject.model is run.trained.model
    assert subject.classes == run.trained.classes
    assert subject.label == int(run.data.labels[7])
    assert torch.equal(subject.x_BCHW, run.trained.normalize(run.data.images[7:8]))
    assert "one" in app.query_params["run"]
    x, boxes = subject.others(5)
    assert torch.equal(x[0], run.trained.normalize(run.data.images[:1])[0])
    assert len(x) == 5
    assert (boxes is None) == (run.data.boxes is None)


def test_before_training_it_has_the_weights_that_its_seed_draws(run):
    subject, _ = subject_of(run="one", picture="7", weights=UNTRAINED)
    begun = Trainer(QUICK, run.data).model
    weights = subject.model.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in begun.state_dict().items())
    trained = run.trained.model.state_dict()
    assert not all(torch.equal(value, trained[name]) for name, value in weights.items())
    assert measured.measured.__wrapped__(subject, IN_RANDOM_ORDER, "", 2).images == 2


def test_after_an_epoch_it_has_the_weights_that_the_run_kept(run):
    subject, _ = subject_of(run="one", picture="7", weights="After epoch 1")
    trainer = Trainer(QUICK, run.data)
    epoch = next(event for event in trainer.run() if isinstance(event, Epoch))
    kept = subject.model.state_dict()
    for name, value in trainer.predictor.state_dict().items():
        torch.testing.assert_close(kept[name], value, rtol=1e-3, atol=1e-6)
    titles, results = zip(*((one.title, one.result) for one in subject.checkpoints), strict=True)
    assert titles == (UNTRAINED, "After epoch 1", TRAINED)
    count = len(trainer.val_index)
    shares = [epoch.val_accuracy, run.view.done.val_accuracy]
    assert results == ("", *(f"{round(share * count)} of {count} validation images right" for share in shares))
    assert subject.key[0] == "one-epoch-1"
    again = subject.at(2)
    assert (again.model, again.key[0]) == (run.trained.model, "one")


def test_a_run_that_kept_no_weights_has_two_moments_to_look_at(run):
    shutil.rmtree(RunFolder(run.checkpoint.parent).weight_snapshots)
    subject, _ = subject_of(run="one", picture="7", weights="After epoch 1")
    assert [one.title for one in subject.checkpoints] == [UNTRAINED, TRAINED]
    assert subject.model is run.trained.model


def test_the_link_of_a_run_that_is_not_there_opens_the_page_and_the_page_says_so(run):
    subject, app = subject_of(run="another", picture="7")
    assert subject.key[0] == "digits"
    assert app.session_state["note"] == choice.UNKNOWN_RUN
    app.run()
    assert app.session_state["note"] == choice.UNKNOWN_RUN
    app.selectbox(key="network").set_value("Sketched cats and dogs").run()
    assert app.session_state["note"] == ""
    assert "run" not in app.query_params
    _, app = subject_of(run="another", picture="7", network="Run 7: gone")
    assert app.session_state["note"] == choice.UNKNOWN_RUN
