"""Random legal states of a page: what its controls can be set to, drawn by hypothesis the same way every time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from core.knobs import Knob, knobs_of
from playground import controls

STATES = settings(
    max_examples=200, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def values_of(knob: Knob) -> st.SearchStrategy[Any]:
    """Every value that the knob's control can have."""
    if knob.choices:
        return st.sampled_from(list(knob.choices))
    if isinstance(knob.default, bool):
        return st.booleans()
    low, high, _, step = controls.bounds(knob)
    if steps := controls.uneven_steps(knob):
        return st.sampled_from(steps)
    count = round((high - low) / step)
    return st.integers(0, count).map(lambda k: controls.legal(knob, low + k * step if k < count else high))


def configs(config: type) -> st.SearchStrategy[Any]:
    """Every config that `controls.edit` can give."""
    return st.builds(config, **{name: values_of(knob) for name, knob in knobs_of(config).items()})


def knob_values(knobs: Mapping[str, Knob]) -> st.SearchStrategy[tuple[tuple[str, Any], ...]]:
    """What `controls.knob_values` can give."""
    return st.fixed_dictionaries({name: values_of(knob) for name, knob in knobs.items()}).map(lambda d: (*d.items(),))
