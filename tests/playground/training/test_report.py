"""The report of a run is one page that loads nothing, and says what the run left behind."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from core.percent import percent
from core.training.results import confusion_matrix
from playground.charts.printed_curves import curves
from playground.training.evaluation.report import SECTIONS, report_html
from playground.training.evaluation.report.heat_map import STRONGEST, blended
from playground.training.evaluation.run_artifacts import artifacts_of
from playground.training.evaluation.tabs.export import logged
from tests.playground.training.finished_run import FinishedRuns, stand_in


class Reader(HTMLParser):
    """Tags, the words of table cells and headings, and every address."""

    def __init__(self):
        super().__init__()
        self.tags, self.addresses, self.alts, self.cells, self._open = [], [], [], [], ""

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self._open = tag
        self.addresses += [value for name, value in attributes if name in ("src", "href", "action", "data")]
        if tag == "img":
            self.alts.append(dict(attributes).get("alt"))

    def handle_data(self, data):
        if self._open in ("td", "th", "h1", "h2"):
            self.cells.append(data)


@pytest.fixture
def run(tmp_path, monkeypatch):
    runs = FinishedRuns(tmp_path)
    view = runs.train("one")
    stand_in(monkeypatch, runs)
    return artifacts_of(view)


def test_the_report_is_whole_and_says_the_figures_of_the_run(run):
    text, reader = report_html(run), Reader()
    reader.feed(text)
    assert reader.addresses
    assert all(address.startswith("data:image/") for address in reader.addresses)
    assert not set(reader.tags) & {"script", "link", "iframe", "object"}
    assert "url(" not in text
    assert all(reader.alts)
    assert set(SECTIONS) <= set(reader.cells)
    view, predicted = run.view, run.predictions
    correct = sum(one.is_correct for one in predicted)
    assert f"{percent(correct / len(predicted))} ({correct:,} of {len(predicted):,})" in reader.cells
    assert f"{view.done.val_loss:.4f}" in reader.cells
    counts = [str(count) for row in confusion_matrix(predicted, 2) for count in row]
    first = reader.cells.index("true cat")
    assert [reader.cells[first + i] for i in (1, 2, 4, 5)] == counts
    assert f"validation loss ends at {view.epochs[-1].val_loss:.3f}" in text
    assert text.count("<figure>") * 2 == len(reader.alts)
    assert str(view.config.learning_rate) in reader.cells


def test_images_that_others_may_not_see_are_not_in_it(run, monkeypatch):
    object.__setattr__(run, "shows_images", False)
    assert "<img" not in report_html(run)


def test_the_event_file_gets_the_whole_run(run):
    log = logged(run)
    assert (log.steps, log.epochs, log.done) == (run.view.steps, run.view.epochs, run.view.done)
    assert run.view.source.title in log.configuration


def test_points_of_a_curve_are_its_values():
    drawing = curves(
        "Loss", [1, 2, 3], {"training loss": [1.0, 0.5, float("nan")], "validation loss": [0.25, 1.0, 0.0]}
    )
    points = [
        [tuple(map(float, one.split(","))) for one in line.split()] for line in re.findall('points="([^"]*)"', drawing)
    ]
    (first, second), heights = (points[0][0], points[0][1]), [y for _, y in points[1]]
    assert len(points[0]) == 2
    assert first[1] < second[1]
    low, high = heights[2], heights[1]
    assert heights[0] == pytest.approx(low + (high - low) * 0.25, abs=0.1)


def test_a_map_covers_its_image_as_strongly_as_it_is():
    grey = np.full((4, 4, 3), 100, np.uint8)
    assert np.array_equal(blended(grey, np.zeros((2, 2)), 1.0), grey)
    full = blended(grey, np.ones((1, 1)), 1.0)[0, 0].astype(float)
    orange = np.array([0x9C, 0x43, 0x00])
    np.testing.assert_allclose(full, (1 - STRONGEST) * 100 + STRONGEST * orange, atol=0.51)
