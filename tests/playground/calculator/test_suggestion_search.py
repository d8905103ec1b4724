"""A search for suggestions runs beside the page, rests when nobody looks, and goes on where it was interrupted."""

import threading
from types import SimpleNamespace

import pytest

from core.errors import PlaygroundError
from core.profiler.fitting import IDEAS
from playground import computation_gate
from playground.calculator import fitting, suggestion_search
from playground.calculator.suggestion_search import SuggestionSearch

PATIENCE_S = 120
ANALYSIS = SimpleNamespace(profile=object())
EVERYTHING = [f"{idea} {part}" for idea in IDEAS for part in (1, 2)]


@pytest.fixture
def attempts(monkeypatch):
    """Stands for the computation: two attempts an idea, after what `before` does; the ideas in the order of the calls."""
    calls, before = [], {}

    def compute(analysis, idea):
        calls.append(idea)
        before.get(idea, bool)()
        return f"{idea} 1", f"{idea} 2"

    monkeypatch.setattr(fitting, "attempts", compute)
    return SimpleNamespace(calls=calls, before=before)


def finish(search: SuggestionSearch) -> None:
    """Let the search come to its end, or to what stops it."""
    search._thread.join(PATIENCE_S)
    assert not search._thread.is_alive()


def test_one_look_is_enough_for_all_of_it_while_the_page_goes_on(attempts):
    hold = threading.Event()
    attempts.before[next(iter(IDEAS))] = lambda: hold.wait(PATIENCE_S)
    search = SuggestionSearch(ANALYSIS)
    search.look()
    assert search.history == []
    assert not search.is_over
    hold.set()
    finish(search)
    assert search.is_over
    assert search.history == EVERYTHING


def test_it_rests_unless_somebody_looks_and_tries_nothing_twice(attempts):
    first, *rest = IDEAS
    search = SuggestionSearch(ANALYSIS)
    attempts.before[first] = search.rest
    search.look()
    finish(search)
    assert attempts.calls == [first]
    assert not search.is_over
    search.look()
    finish(search)
    assert attempts.calls == [first, *rest]
    assert search.history == EVERYTHING


def test_what_stops_it_is_told_once_and_then_it_tries_again(attempts):
    def fail():
        attempts.before.clear()
        raise PlaygroundError("memory ran out")

    attempts.before[next(iter(IDEAS))] = fail
    search = SuggestionSearch(ANALYSIS)
    search.look()
    finish(search)
    with pytest.raises(PlaygroundError, match="memory ran out"):
        search.look()
    search.look()
    finish(search)
    assert search.history == EVERYTHING


def test_it_waits_where_too_many_computations_wait(attempts, monkeypatch):
    monkeypatch.setattr(suggestion_search, "PAUSE_S", 0.0)

    def refuse():
        attempts.before.clear()
        raise computation_gate.QueueFullError

    attempts.before[next(iter(IDEAS))] = refuse
    search = SuggestionSearch(ANALYSIS)
    search.look()
    finish(search)
    assert search.history == EVERYTHING


def test_without_a_profile_there_is_nothing_to_try():
    assert SuggestionSearch(SimpleNamespace(profile=None)).is_over
