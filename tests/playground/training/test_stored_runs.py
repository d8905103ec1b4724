"""Run folders that an earlier version of the app has left are watched, compared and repeated as before."""

from pathlib import Path

import pytest

from core.jobs.storage.run_folder import RunFolder
from core.jobs.tracked_runs import TrackedRun
from core.training import NETWORKS, RECIPES
from playground.training.history import nearest_recipe
from playground.training.history.config_diff import comparison, numbered

RUNS = Path(__file__).parents[2] / "data" / "stored_runs"


@pytest.fixture(scope="module")
def views():
    """Both runs as the page sees them."""
    folders = {name: RunFolder(RUNS / name) for name in ("own_network", "small_residual")}
    return {name: TrackedRun.open(folder, folder.read_spec()).state.view() for name, folder in folders.items()}


def test_a_stored_run_is_over_with_its_figures(views):
    view = views["own_network"]
    assert (view.is_over, view.done.reason, view.done.epochs, view.done.step) == (True, "finished", 2, 6)
    assert (len(view.steps), len(view.epochs), len(view.snapshots), len(view.usage)) == (6, 2, 2, 1)
    assert view.began.setting == ("2 threads", "fp32", "channels last")
    assert view.config.learning_rate == 0.05
    assert view.steps[-1].learning_rate == pytest.approx(0.0035093333532153314)


def test_a_stored_command_is_read():
    assert RunFolder(RUNS / "own_network").read_command().learning_rate == 0.03


def test_a_stored_run_of_a_named_network_names_one_of_today(views):
    assert views["small_residual"].config.network in NETWORKS
    assert nearest_recipe(views["small_residual"].config) == next(iter(RECIPES))


def test_stored_runs_can_be_compared(views):
    table = comparison(numbered(list(views.values())))
    assert list(table.columns) == ["Run 2", "Run 1"]
    assert "Network" in table.index
