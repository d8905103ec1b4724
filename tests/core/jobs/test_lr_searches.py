"""A learning rate is found in the process that trains: as the plain range test finds it, and to each their own."""

import dataclasses
import time

import pytest

from core.datasets import load
from core.errors import PlaygroundError
from core.jobs.job_spec import Source
from core.jobs.run_state import ENDED, FAILED, PAUSED
from core.jobs.short_tasks import lr_searches as finders
from core.jobs.worker.lr_range_test import STEPS
from core.training import range_test, suggestion
from tests.core.jobs.quick_runs import FEW, LONG, PATIENCE, QUICK, SIZE, SKETCHES, opened, until


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    with opened(tmp_path_factory.mktemp("office")) as office:
        yield office


def found(office, owner):
    """The owner's search, once it is over."""
    give_up = time.monotonic() + PATIENCE
    while not (search := office.finders.of(owner)).is_over:
        assert time.monotonic() < give_up, f"still {search.state} after {len(search.steps)} steps"
        time.sleep(0.02)
    return search


def test_two_people_search_at_once_and_each_finds_what_the_plain_range_test_finds(office):
    asked = {"ann": QUICK, "bob": dataclasses.replace(QUICK, optimizer="Adam", seed=1)}
    for owner, config in asked.items():
        office.find_rate(owner, SKETCHES, SIZE, config)
    pictures = load("sketches", SIZE, limit=FEW)
    for owner, config in asked.items():
        search = found(office, owner)
        assert (search.state, search.order.config, search.share) == (ENDED, config, 1.0)
        expected = list(range_test(config, pictures, steps=STEPS))
        assert len(search.steps) == len(expected)
        assert [step.rate for step in search.steps] == [step.rate for step in expected]
        assert [step.loss for step in search.steps[:20]] == pytest.approx([s.loss for s in expected[:20]], rel=1e-3)
        assert search.rate == suggestion(search.steps)
    assert office.finders.of("carol") is None


def test_what_cannot_be_trained_is_a_sentence(office):
    office.find_rate("dora", SKETCHES, SIZE, dataclasses.replace(QUICK, network="nn.Sequential(nn.Linear(3, 2))"))
    search = found(office, "dora")
    assert search.state == FAILED
    assert "does not take" in search.error
    office.find_rate("dora", Source("Nowhere", path="/nowhere", stamp="1"), SIZE, QUICK)
    assert "There is no data set" in found(office, "dora").error


def test_a_search_waits_for_the_run_that_goes_on_and_can_be_given_up(office):
    run_id = office.start("erin", SKETCHES, SIZE, LONG)
    until(office, "erin", run_id, lambda view: view.steps)
    office.wish("erin", run_id, "pause")
    until(office, "erin", run_id, lambda view: view.state == PAUSED)
    assert office.is_busy("cpu")
    office.find_rate("finn", SKETCHES, SIZE, QUICK)
    office.find_rate("gail", SKETCHES, SIZE, QUICK)
    folder = office.shelf.root / "finders" / "finn"
    assert len(list(folder.iterdir())) == 1
    office.finders.stop("finn")
    assert office.finders.of("finn") is None
    assert not list(folder.iterdir())
    assert office.finders.of("gail").steps == (), "one trains at a time"
    office.wish("erin", run_id, "stop")
    assert found(office, "gail").state == ENDED
    assert office.finders.of("finn") is None


def test_a_search_that_goes_on_ends_when_it_is_given_up(office):
    """The next one could not begin before."""
    slow = dataclasses.replace(QUICK, network="Wide residual", width=64, batch_size=128)
    office.find_rate("hugo", SKETCHES, SIZE, slow)
    give_up = time.monotonic() + PATIENCE
    while not office.finders.of("hugo").steps:
        assert time.monotonic() < give_up
        time.sleep(0.02)
    office.find_rate("hugo", SKETCHES, SIZE, QUICK)  # asking anew gives up what one asked before
    assert found(office, "hugo").order.config == QUICK
    assert len(list((office.shelf.root / "finders" / "hugo").iterdir())) == 1


def test_only_so_many_search_at_a_time(office, monkeypatch):
    monkeypatch.setattr(finders, "PER_SERVER", 0)
    with pytest.raises(PlaygroundError, match="try again"):
        office.find_rate("ivan", SKETCHES, SIZE, QUICK)
    assert office.finders.of("ivan") is None


def test_searches_of_yesterday_are_forgotten(office, monkeypatch):
    office.find_rate("jane", SKETCHES, SIZE, QUICK)
    assert found(office, "jane").rate
    office.finders.tidy()
    assert office.finders.of("jane").rate
    monkeypatch.setattr(finders, "KEPT_SECONDS", -1.0)
    office.finders.tidy()
    assert office.finders.of("jane") is None
