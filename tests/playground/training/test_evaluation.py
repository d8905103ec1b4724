"""What the page says about a finished run is what the run left behind."""

import csv
import dataclasses
import io
import json

import pytest
import torch
from safetensors.torch import load as read_weights
from streamlit.testing.v1 import AppTest

from core.jobs.worker.evaluate import evaluate
from core.training import TrainConfig, build_network, load_trained
from core.training.results import LABEL_CHECK, TEST, TRAINING, VALIDATION, parts_of
from playground.charts.confusion_matrix import cell_of
from playground.training.evaluation import TABS, run_artifacts
from playground.training.evaluation.run_artifacts import artifacts_of
from playground.training.evaluation.tabs import export, label_errors
from playground.training.evaluation.tabs.predictions import ORDERS, printed_sum
from tests.playground.training.finished_run import QUICK, FinishedRuns, stand_in


@pytest.fixture
def runs(tmp_path, monkeypatch):
    made = FinishedRuns(tmp_path)
    stand_in(monkeypatch, made)
    return made


def page(view, tab):
    """The tabs of a finished run with one of them open."""

    def script(view):
        from playground.training.evaluation import results

        results(view)

    app = AppTest.from_function(script, args=(view,), default_timeout=300)
    app.session_state["after-tab"] = tab
    app.run()
    assert not app.exception
    return app


def words(app):
    return "\n".join(element.value for element in (*app.markdown, *app.caption, *app.info, *app.error, *app.latex))


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    made = FinishedRuns(tmp_path_factory.mktemp("finished"))
    return made, made.train("one")


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens(finished, monkeypatch, tab):
    made, view = finished
    stand_in(monkeypatch, made)
    assert not page(view, tab).error


def test_a_run_that_left_nothing_has_no_tabs(runs):
    view = runs.train("one")
    (runs.folder / "one" / "predictions.pt").unlink()
    assert artifacts_of(view) is None
    assert not page(view, "Predictions").tabs


def test_answers_are_counted_from_the_predictions(runs):
    view = runs.train("one")
    found = artifacts_of(view).predictions
    assert f"**{sum(p.is_correct for p in found)} of {len(found)}**" in words(page(view, "Predictions"))
    assert sum(p.is_correct for p in found) / len(found) == pytest.approx(view.done.val_accuracy)
    assert [p.is_correct for p in ORDERS["Most confident errors"](found)] == [False] * sum(
        not p.is_correct for p in found
    )
    unsure = [p.probability for p in ORDERS["Least confident"](found)]
    assert unsure == sorted(unsure)


def test_a_network_without_a_pooled_head_is_shown_grad_cam(runs):
    text = "nn.Sequential(nn.Conv2d(3, 4, 3, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(196, 2))"
    view = runs.train("flat", TrainConfig(network=text, epochs=1, batch_size=32))
    app = page(view, "Predictions")
    how = next(group for group in app.segmented_control if group.label == "Heat map")
    assert how.value == "Grad-CAM"
    how.set_value("CAM").run()
    assert "does not end in a global average pool" in app.error[0].value


def test_a_printed_sum_adds_up():
    for mean, bias in ((0.12345, 0.00055), (-1.0005, 0.9), (3.14159, -2.71828)):
        text = printed_sum(mean, bias, mean + bias).replace("- ", "-").replace("+ ", "+")
        left, right = text.split(" = ")
        assert eval(left) == pytest.approx(float(right), abs=1e-9)
        assert float(right) == pytest.approx(mean + bias, abs=6e-4)


def test_training_and_test_pictures_are_judged_by_the_worker_as_the_network_judges_them(runs):
    view = runs.train("one")
    left = artifacts_of(view)
    path = run_artifacts.evaluation_file(left.checkpoint, TRAINING)
    evaluate(str(left.checkpoint), str(left.decoded_file), TRAINING, str(path))
    found = run_artifacts.evaluate(left, TRAINING, "button")
    trained, data = load_trained(left.checkpoint), left.data
    train = parts_of(trained.config, data)[TRAINING]
    assert sorted(p.index for p in found) == train.tolist()
    expected = trained.probabilities(data.images[train]).gather(1, data.labels[train][:, None])[:, 0].sort().values
    torch.testing.assert_close(torch.tensor([p.true_probability for p in found]), expected, atol=1e-6, rtol=1e-5)


def test_pictures_that_made_room_for_others_are_no_traceback(runs):
    view = runs.train("one")
    runs.decoded_file(view.source, view.size).unlink()
    assert artifacts_of(view) is None
    assert not page(view, "Predictions").tabs


@pytest.fixture
def learnt(monkeypatch):
    """Runs of an instant count as having learnt something."""
    monkeypatch.setattr(label_errors, "has_learnt", lambda *_: True)


def doubted(runs, name, config, size=16):
    """The tab of suspicious labels, all pictures of a run having been judged by the worker."""
    view = runs.train(name, config, size)
    left = artifacts_of(view)
    path = run_artifacts.evaluation_file(left.checkpoint, LABEL_CHECK)
    evaluate(str(left.checkpoint), str(left.decoded_file), LABEL_CHECK, str(path))
    app = page(view, "Label errors")
    parts = parts_of(config, left.data)
    assert f"of {len(parts[TRAINING]) + len(parts[VALIDATION])} images" in words(app)
    return app


def test_a_frozen_network_doubts_what_its_last_layer_has_not_learnt(runs, learnt):
    app = doubted(runs, "frozen", TrainConfig(network="EfficientNet-Lite0, frozen", epochs=1, batch_size=32), 32)
    assert "5-fold cross-validation" in words(app)
    order = next(group for group in app.segmented_control if group.label == "Sorted by")
    order.set_value("Outlier score").run()
    assert not app.exception
    assert "All 80 with their files" in [expander.label for expander in app.expander]


def test_a_network_that_learnt_all_its_layers_says_so(runs, learnt):
    app = doubted(runs, "whole", QUICK)
    assert "the network was trained with it" in words(app)
    assert not any(group.label == "Sorted by" for group in app.segmented_control)


def test_a_network_that_learnt_nothing_suspects_no_label(runs):
    app = page(runs.train("idle", dataclasses.replace(QUICK, learning_rate=0.0)), "Label errors")
    assert "better than guessing" in words(app)
    assert not app.expander
    assert not any("suspicious labels" in text.value for text in app.markdown)


def test_a_network_that_learnt_something_suspects_labels(runs):
    view = runs.train("able")
    data = artifacts_of(view).data
    index = parts_of(view.config, data)[VALIDATION]
    probabilities = torch.nn.functional.one_hot(data.labels[index], 2) * 0.8 + 0.1
    probabilities[0] = probabilities[0].flip(0)  # one mistake
    torch.save({"index": index, "probabilities": probabilities}, runs.folder / "able" / "predictions.pt")
    app = page(view, "Label errors")
    assert "better than guessing" not in words(app)
    assert [expander.label for expander in app.expander] == ["All 1 with their files"]


def test_the_parts_share_nothing_and_leave_nothing_out(runs):
    view = runs.train("one")
    data = artifacts_of(view).data
    parts = parts_of(view.config, data)
    assert sorted(torch.cat(list(parts.values())).tolist()) == list(range(len(data)))


def test_without_a_test_set_the_page_says_so(runs):
    view = runs.train("one")
    if not len(parts_of(view.config, artifacts_of(view).data)[TEST]):
        assert "has no test set" in words(page(view, "Test set"))


@pytest.mark.parametrize("point", [None, {}, {"x": 0}, {"x": 0, "y": -1}, {"x": 2, "y": 0}, {"x": True, "y": 0}])
def test_a_browser_cannot_choose_a_cell_that_is_not_there(point):
    assert cell_of({"selection": {"points": [point]}}, 2) is None


@pytest.mark.parametrize("sent", [None, {}, {"selection": None}, {"selection": {}}, {"selection": {"points": []}}])
def test_a_selection_of_nothing_chooses_no_cell(sent):
    assert cell_of(sent, 2) is None


def test_the_two_classes_choose_a_cell_of_the_confusion_matrix(runs):
    app = page(runs.train("one"), "Confusion matrix")
    boxes = {box.label: box for box in app.selectbox}
    true, predicted = boxes["True class"], boxes["Predicted class"]
    true.set_value(true.options.index("dog"))
    predicted.set_value(predicted.options.index("dog")).run()
    assert not app.exception
    assert "true “dog”, predicted “dog”" in words(app)


def test_files_to_take_home_are_the_run(runs, monkeypatch):
    view, made = runs.train("one"), {}
    monkeypatch.setattr(export, "_button", lambda label, file, content, *rest: made.update({file: content}))
    export.show(artifacts_of(view))
    trained = load_trained(runs.checkpoint("", "one"))
    state = read_weights(made["weights.safetensors"]())
    again = build_network(QUICK.network, 2, 16)
    again.load_state_dict(state)
    x = torch.rand(2, 3, 16, 16)
    assert torch.equal(again.eval()(x), trained.model(x))
    rows = list(csv.DictReader(io.StringIO(made["curves.csv"]())))
    assert [float(row["train_loss"]) for row in rows] == [step.loss for step in view.steps]
    ends = [(float(row["val_loss"]), float(row["val_accuracy"])) for row in rows if row["val_loss"]]
    assert ends == [(epoch.val_loss, epoch.val_accuracy) for epoch in view.epochs]
    about = json.loads(made["run.json"]())
    assert TrainConfig(**about["config"]) == view.config
    assert about["result"]["val_accuracy"] == view.done.val_accuracy
    assert about["pictures"]["classes"] == ["cat", "dog"]


@pytest.mark.parametrize("name", ["run.pt", "predictions.pt"])
def test_a_damaged_file_of_a_run_is_a_sentence_that_says_what_to_do(name, runs):
    view = runs.train("broken")
    (runs.folder / "broken" / name).write_bytes(b"half of a")
    app = page(view, "Predictions" if name == "predictions.pt" else "Download")
    assert not app.exception
    assert any("damaged" in error.value and "delete it" in error.value for error in app.error)
    assert str(runs.folder) not in " ".join(error.value for error in app.error)


def test_a_run_that_was_deleted_meanwhile_is_a_sentence(runs):
    view = runs.train("gone")
    app = page(view, "Download")
    runs.views.clear()
    app.run()
    assert not app.exception
    assert "not there any more" in app.error[0].value


def test_the_whole_network_is_offered_at_the_image_with_the_largest_loss(runs):
    view = runs.train("one")
    link = next(node for node in page(view, "Predictions").main if node.type == "link_button")
    hardest = artifacts_of(view).predictions[0].index
    assert link.proto.url == f"inspect_network?run=one&picture={hardest}"


def test_an_own_network_that_onnx_refuses_has_no_button_but_the_reason(finished, monkeypatch):
    made, view = finished
    stand_in(monkeypatch, made)

    def refuse(*_, **__):
        raise RuntimeError("no operator of that name")

    monkeypatch.setattr(export, "_tried", export._tried.__wrapped__)  # others have tried this run where ONNX is there
    monkeypatch.setattr(export.onnx_model, "is_available", lambda: True)
    monkeypatch.setattr(torch.onnx, "export", refuse)
    app = page(view, "Download")
    assert "ONNX: this network cannot be written as ONNX: no operator of that name." in words(app)
    labels = [button.label for button in app.get("download_button")]
    assert "Report" in labels
    assert "ONNX" not in labels
