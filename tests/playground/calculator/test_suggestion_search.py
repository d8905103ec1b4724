"""A search for suggestions goes on where it was interrupted, and begins for a setting that stands."""

from types import SimpleNamespace

import pytest

from core.profiler.fitting import IDEAS
from playground.calculator import fitting, suggestion_search
from playground.calculator.suggestion_search import SuggestionSearch

PATIENCE_S = 120
ANALYSIS = SimpleNamespace(profile=object())
EVERYTHING = [f"{idea} {part}" for idea in IDEAS for part in (1, 2)]


@pytest.fixture
def attempts(monkeypatch):
    """Stands for the computation, two attempts an idea, and is the list of ideas that were tried."""
    calls = []

    def compute(analysis, idea):
        calls.append(idea)
        return f"{idea} 1", f"{idea} 2"

    monkeypatch.setattr(fitting, "attempts", compute)
    monkeypatch.setattr(suggestion_search, "STANDS_S", 0.0)
    return calls


def finish(search: SuggestionSearch) -> None:
    search._work.look(PATIENCE_S)


def test_one_look_is_enough_for_all_of_it(attempts):
    search = SuggestionSearch(ANALYSIS)
    assert not search.is_over
    search.look()
    finish(search)
    assert search.is_over
    assert search.history == EVERYTHING


def test_it_rests_and_goes_on_and_tries_nothing_twice(attempts, monkeypatch):
    search, compute = SuggestionSearch(ANALYSIS), fitting.attempts

    def interrupt(analysis, idea):
        if len(attempts) == 2:
            search.rest()
        return compute(analysis, idea)

    monkeypatch.setattr(fitting, "attempts", interrupt)
    search.look()
    search._work._thread.join(PATIENCE_S)
    assert attempts == list(IDEAS)[:3]
    assert not search.is_over
    finish(search)
    assert attempts == list(IDEAS)
    assert search.history == EVERYTHING


def test_nothing_is_tried_for_a_setting_that_has_just_been_chosen(attempts, monkeypatch):
    monkeypatch.setattr(suggestion_search, "STANDS_S", 1000.0)
    search = SuggestionSearch(ANALYSIS)
    search.look()
    assert search._work._thread is None
    assert search.history == attempts == []


def test_without_a_profile_there_is_nothing_to_try():
    assert SuggestionSearch(SimpleNamespace(profile=None)).is_over
