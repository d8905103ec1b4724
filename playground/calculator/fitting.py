"""What fits into a device: the largest batch, and what reduces memory. Each takes several profiles."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from core import spec_analysis
from core.limits import limits
from core.model_spec import ModelSpec, Shape
from core.profiler import Profile
from core.profiler.fitting import LargestBatch, Suggestion, budget_bytes
from core.profiler.fitting.batch import LIMIT
from core.profiler.setting import Setting
from playground import computation_gate
from playground.background_work import is_computed
from playground.calculator.results import Analysis

SOLVED, WORK = "ca_solved", "ca_work"  # in the session's state


def largest_for(analysis: Analysis) -> LargestBatch:
    """The largest batch that fits the device, everything else as in the setting."""
    best = _largest_for(analysis)
    _solved().add(_question(analysis))
    return best


def _largest_for(analysis: Analysis) -> LargestBatch:
    share, fewest = _shares(analysis.setting)
    best = _largest(analysis, fewest)
    size = best.batch_size // fewest.batch_size * share
    if size > LIMIT:
        best = _largest(analysis, analysis.setting.but(batch_size=share))
    return best if size > LIMIT else replace(best, batch_size=size)


def largest_so_far(analysis: Analysis) -> LargestBatch | None:
    """The same, or None where it is computed beside the server and not there soon: look again in a moment."""
    is_there = is_computed(WORK, _question(analysis), partial(_largest_for, analysis))
    return largest_for(analysis) if is_there else None


def is_solved(analysis: Analysis) -> bool:
    """Whether this visitor has seen the largest batch for such a setting."""
    return _question(analysis) in _solved()


def attempts(analysis: Analysis, idea: str) -> tuple[Suggestion | None, ...]:
    """What one of `IDEAS` saves, attempt by attempt; None for those that save nothing."""
    largest, budget = _largest_for(analysis).batch_size, budget_bytes(analysis.device)
    return _tried(analysis.spec, analysis.input_shape, analysis.setting, idea, budget, largest, analysis.profile)


def _largest(analysis: Analysis, setting: Setting) -> LargestBatch:
    budget = budget_bytes(analysis.device)
    return _solve(analysis.spec, analysis.input_shape, setting, budget, analysis.profile)


@st.cache_data(max_entries=limits().entries(128), show_spinner=False)
def _solve(spec: ModelSpec, input_shape: Shape, setting: Setting, budget: int, _known: Profile | None) -> LargestBatch:
    return computation_gate.compute(spec_analysis.largest_batch_of, spec, input_shape, setting, budget, _known)


@st.cache_data(max_entries=limits().entries(256), show_spinner=False)
def _tried(
    spec: ModelSpec, input_shape: Shape, setting: Setting, idea: str, budget: int, largest: int, _now: Profile
) -> tuple[Suggestion | None, ...]:
    return computation_gate.compute(spec_analysis.suggestions_of, spec, idea, budget, largest, _now, later=True)


def _solved() -> set[int]:
    return st.session_state.setdefault(SOLVED, set())


def _question(analysis: Analysis) -> int:
    """The same for every batch size: it is what is sought."""
    budget = budget_bytes(analysis.device)
    return hash((analysis.spec, analysis.input_shape, _shares(analysis.setting)[1], budget))


def _shares(setting: Setting) -> tuple[int, Setting]:
    """In how many parts a batch goes through, and the setting with one image in each of as few parts as are alike."""
    share = setting.accumulate * setting.replicas
    return share, setting.but(batch_size=share).alike
