"""A search for suggestions goes on where it was interrupted."""

from types import SimpleNamespace

import pytest
from streamlit.runtime.scriptrunner import RerunException

from core.profiler.fitting import IDEAS, device
from playground.calculator import fitting


def test_a_step_that_was_given_up_is_taken_again(monkeypatch):
    asked, wanted_else = [], iter([False, True, *[False] * len(IDEAS)])

    def tried(spec, input_shape, setting, idea, budget, largest, now):
        asked.append(idea)
        if next(wanted_else):
            raise RerunException(None)
        return f"{idea} 1", f"{idea} 2"

    monkeypatch.setattr(fitting, "_tried", tried)
    monkeypatch.setattr(fitting, "largest_for", lambda analysis: SimpleNamespace(batch_size=4))
    analysis = SimpleNamespace(spec=None, input_shape=None, setting=None, profile=object(), device=device("t4"))
    steps = fitting.SuggestionSteps(analysis)
    first, second, *rest = IDEAS
    assert [next(steps), next(steps)] == [f"{first} 1", f"{first} 2"]
    with pytest.raises(RerunException):
        next(steps)
    assert list(steps) == [f"{idea} {part}" for idea in (second, *rest) for part in (1, 2)]
    assert asked == [first, second, second, *rest]


def test_without_a_profile_there_is_nothing_to_try():
    assert list(fitting.SuggestionSteps(SimpleNamespace(profile=None))) == []
