"""What the tabs on thresholds, calibration and features say of a finished run is computed from its predictions."""

import re

import numpy as np
import pytest
import torch
from sklearn import metrics
from streamlit.testing.v1 import AppTest

from core.training.evaluation.calibration import HIGHEST, LOWEST, fit_temperature, scale_by_temperature
from core.training.evaluation.thresholds import BinaryCounts
from playground.charts.embedding import EmbeddedImages, scatter, selected_images
from playground.charts.reliability import reliability_diagram
from playground.charts.threshold_curves import POINT, binary_matrix, thinned
from playground.training.evaluation.run_artifacts import artifacts_of
from playground.training.evaluation.tabs.quality import calibration, embedding, thresholds
from tests.playground.training.finished_run import FinishedRuns, stand_in


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    runs = FinishedRuns(tmp_path_factory.mktemp("runs"))
    return runs, runs.train("one", limit=120)


@pytest.fixture
def run(trained, monkeypatch):
    runs, view = trained
    stand_in(monkeypatch, runs)
    return artifacts_of(view)


def page(run, tab):
    def script(view):
        from playground.training.evaluation import results

        results(view)

    app = AppTest.from_function(script, args=(run.view,), default_timeout=300)
    app.session_state["after-tab"] = tab
    app.run()
    assert not app.exception
    return app


def words(app):
    return "\n".join(element.value for element in (*app.markdown, *app.caption, *app.info))


def test_the_slider_moves_the_matrix_and_the_sentence(run):
    app = page(run, "Thresholds")
    images = run.validation
    for label, threshold in ((0, 0.5), (1, 0.37)):
        app.segmented_control[0].set_value(str(label))
        app.slider[0].set_value(threshold).run()
        assert not app.exception
        scores, positive = images.probabilities[:, label].double(), images.labels == label
        (tn, _), (fn, tp) = metrics.confusion_matrix(positive, scores >= threshold, labels=[False, True])
        said = words(app)
        assert f"({tp:,} of {tp + fn:,}), false positive rate" in said
        assert f"({tp + tn:,} of {len(scores):,})" in said
        areas = [float(re.search(rf"{name} ([\d.]+)", said)[1]) for name in ("area", "average precision")]
        expected = metrics.roc_auc_score(positive, scores), metrics.average_precision_score(positive, scores)
        assert areas == pytest.approx(expected, abs=0.00051)


@pytest.mark.parametrize("counts", [(3, 1, 2, 4), (0, 4, 0, 6), (0, 0, 2, 3)])
def test_each_rate_is_the_quotient_beside_it(counts):
    said = thresholds.sentence(BinaryCounts(*counts), "cat")
    shown = re.findall(r"\*\*([\d.]+)\s%\*\* \((\d+) of (\d+)\)", said)
    assert [float(value) for value, _, _ in shown] == [round(100 * int(p) / int(w), 1) for _, p, w in shown]
    assert len(shown) + said.count("(0 of 0)") == 4
    cells = re.findall(r"<b>(\d+)</b>", binary_matrix(BinaryCounts(*counts), "cat", "dog"))
    assert tuple(map(int, cells)) == counts


def test_the_dot_on_the_curves_is_the_threshold_of_the_slider(run):
    scores, positive = thresholds.scores_of(run, 0)
    counts = thresholds.counts_at(scores, positive, 0.5)
    curve = thresholds.threshold_curve(scores, positive)
    roc, tradeoff = (
        draw(curve, counts, 0.5).data for draw in (thresholds.roc_curve, thresholds.precision_recall_curve)
    )
    point = roc[roc["of"] == POINT].iloc[0]
    assert (point.x, point.y) == (counts.false_positive_rate, counts.recall)
    point = tradeoff[tradeoff["of"] == POINT].iloc[0]
    assert (point.x, point.y) == (counts.recall, counts.precision)
    assert len(thinned(range(100_000))) <= 240


def test_calibration_says_its_bins_and_its_temperature(run):
    app, images = page(run, "Calibration"), run.validation
    temperature = fit_temperature(images.probabilities, images.labels)
    said = words(app)
    assert f"At temperature {temperature:.2f}" in said
    for each in (1.0, temperature):
        scaled = scale_by_temperature(images.probabilities, each)
        result = calibration.calibration_of(images, each)
        assert (
            f"ECE {100 * result.error:.1f} points, cross-entropy {metrics.log_loss(images.labels, scaled):.3f}" in said
        )
    bars, marks = reliability_diagram(result.bins).data
    filled = [one for one in result.bins if one.images]
    assert list(bars.y) == [one.accuracy for one in filled]
    assert list(marks.y) == [one.confidence for one in filled]
    assert sum(one.images for one in filled) == len(images.labels)


def test_the_sentences_follow_from_temperature_and_bins():
    assert "less confident" in calibration.about_temperature(1.7)
    assert "more confident" in calibration.about_temperature(0.6)
    assert "stay as they are" in calibration.about_temperature(1.001)
    assert "lowest" in calibration.about_temperature(LOWEST)
    assert "highest" in calibration.about_temperature(HIGHEST)
    shy, bold = ((calibration.ReliabilityBin(0.6, 0.7, 10, 0.65, accuracy),) for accuracy in (0.9, 0.1))
    assert "25.0 points below" in calibration.verdict(shy)
    assert "55.0 points above" in calibration.verdict(bold)
    assert "unbiased" in calibration.measured_on(is_test=True)
    assert "unbiased" not in calibration.measured_on(is_test=False)


@pytest.mark.parametrize("method", embedding.EMBEDDINGS)
def test_the_map_has_every_image_once_and_crosses_where_it_is_predicted_wrongly(run, method):
    app = page(run, "Embedding")
    app.segmented_control[0].set_value(method).run()
    assert not app.exception
    shown = embedding.shown_predictions(run.predictions)
    assert f"All {len(shown)} validation images" in words(app)
    others = embedding.others_of(run)
    assert f"**{int((others > 5).sum())}** among images of other classes" in words(app)


def test_the_traces_hold_each_image_under_its_class():
    points = np.arange(12, dtype=float).reshape(6, 2)
    labels, predicted = np.array([0, 0, 1, 1, 1, 0]), np.array([0, 1, 1, 0, 1, 0])
    index, suspect = np.arange(10, 16), np.array([True, *[False] * 5])
    ring, *traces = scatter(EmbeddedImages(points, index, labels, predicted, suspect, ("a", "b")), ("x", "y")).data
    assert list(ring.x) == [0.0]
    seen = {
        data[0]: (trace.marker.symbol, x) for trace in traces for data, x in zip(trace.customdata, trace.x, strict=True)
    }
    assert {number: symbol == "x" for number, (symbol, _) in seen.items()} == dict(
        zip(index.tolist(), (labels != predicted).tolist(), strict=True)
    )
    assert [seen[number][1] for number in index.tolist()] == points[:, 0].tolist()


@pytest.mark.parametrize("sent", [None, {}, {"selection": None}, {"selection": {"points": [None, {"customdata": 3}]}}])
def test_a_browser_cannot_choose_an_image_that_is_not_there(sent):
    assert selected_images(sent, [3]) == []
    assert selected_images({"selection": {"points": [{"customdata": [4]}, {"customdata": [True]}]}}, [1, 3]) == []


def test_large_sets_are_thinned_evenly(run):
    one = run.predictions[0]
    many = [type(one)(index, 0, 0, 0.9, 0.9) for index in range(5_000)]
    shown = embedding.shown_predictions(many)
    assert len(shown) == embedding.MOST
    assert torch.tensor([each.index for each in shown]).diff().max() <= 9
