"""A learning rate is found in the process that trains: as the plain range test finds it, and to each their own."""

import dataclasses
import time

import pytest

from core.datasets import load
from core.errors import PlaygroundError
from core.jobs.job_spec import Source
from core.jobs.run_state import ENDED, FAILED, PAUSED
from core.jobs.short_tasks import lr_searches
from core.jobs.worker.lr_search import STEPS
from core.training import range_test, suggestion
from tests.core.jobs.quick_runs import FEW, LONG, PATIENCE, QUICK, SIZE, SKETCHES, opened, until


@pytest.fixture(scope="module")
def manager(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("manager")) as manager:
        yield manager


def found(manager, owner):
    """The owner's search, once it is over."""
    give_up = time.monotonic() + PATIENCE
    while not (search := manager.lr_searches.of(owner)).is_over:
        assert time.monotonic() < give_up, f"still {search.state} after {len(search.steps)} steps"
        time.sleep(0.02)
    return search


def test_two_people_search_at_once_and_each_finds_what_the_plain_range_test_finds(manager):
    asked = {"ann": QUICK, "bob": dataclasses.replace(QUICK, optimizer="Adam", seed=1)}
    for owner, config in asked.items():
        manager.start_lr_search(owner, SKETCHES, SIZE, config)
    pictures = load("sketches", SIZE, limit=FEW)
    for owner, config in asked.items():
        search = found(manager, owner)
        assert (search.state, search.spec.config, search.share) == (ENDED, config, 1.0)
        expected = list(range_test(config, pictures, steps=STEPS))
        assert len(search.steps) == len(expected)
        assert [step.rate for step in search.steps] == [step.rate for step in expected]
        assert [step.loss for step in search.steps[:20]] == pytest.approx([s.loss for s in expected[:20]], rel=1e-3)
        assert search.rate == suggestion(search.steps)
    assert manager.lr_searches.of("carol") is None


def test_what_cannot_be_trained_is_a_sentence(manager):
    manager.start_lr_search(
        "dora", SKETCHES, SIZE, dataclasses.replace(QUICK, network="nn.Sequential(nn.Linear(3, 2))")
    )
    search = found(manager, "dora")
    assert search.state == FAILED
    assert "does not take" in search.error
    manager.start_lr_search("dora", Source("Nowhere", path="/nowhere", stamp="1"), SIZE, QUICK)
    assert "There is no dataset" in found(manager, "dora").error


def test_a_search_waits_for_the_run_that_goes_on_and_can_be_given_up(manager):
    run_id = manager.start("erin", SKETCHES, SIZE, LONG)
    until(manager, "erin", run_id, lambda view: view.steps)
    manager.command("erin", run_id, "pause")
    until(manager, "erin", run_id, lambda view: view.state == PAUSED)
    assert manager.is_busy("cpu")
    manager.start_lr_search("finn", SKETCHES, SIZE, QUICK)
    manager.start_lr_search("gail", SKETCHES, SIZE, QUICK)
    folder = manager.store.lr_searches / "finn"
    assert len(list(folder.iterdir())) == 1
    manager.lr_searches.stop("finn")
    assert manager.lr_searches.of("finn") is None
    assert not list(folder.iterdir())
    assert manager.lr_searches.of("gail").steps == (), "one trains at a time"
    manager.command("erin", run_id, "stop")
    assert found(manager, "gail").state == ENDED
    assert manager.lr_searches.of("finn") is None


def test_a_search_that_goes_on_ends_when_it_is_given_up(manager):
    """The next one could not begin before."""
    slow = dataclasses.replace(QUICK, network="Wide residual", width=64, batch_size=128)
    manager.start_lr_search("hugo", SKETCHES, SIZE, slow)
    give_up = time.monotonic() + PATIENCE
    while not manager.lr_searches.of("hugo").steps:
        assert time.monotonic() < give_up
        time.sleep(0.02)
    manager.start_lr_search("hugo", SKETCHES, SIZE, QUICK)  # asking anew gives up what one asked before
    assert found(manager, "hugo").spec.config == QUICK
    assert len(list((manager.store.lr_searches / "hugo").iterdir())) == 1


def test_only_so_many_search_at_a_time(manager, monkeypatch):
    monkeypatch.setattr(lr_searches, "PER_SERVER", 0)
    with pytest.raises(PlaygroundError, match="try again"):
        manager.start_lr_search("ivan", SKETCHES, SIZE, QUICK)
    assert manager.lr_searches.of("ivan") is None


def test_searches_of_yesterday_are_forgotten(manager, monkeypatch):
    manager.start_lr_search("jane", SKETCHES, SIZE, QUICK)
    assert found(manager, "jane").rate
    manager.lr_searches.tidy()
    assert manager.lr_searches.of("jane").rate
    monkeypatch.setattr(lr_searches, "KEPT_S", -1.0)
    manager.lr_searches.tidy()
    assert manager.lr_searches.of("jane") is None
