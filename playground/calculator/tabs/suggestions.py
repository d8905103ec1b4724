"""What makes a network smaller: each suggestion appears as it is found, the page goes on meanwhile."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.profiler.fitting import Suggestion, budget_bytes
from playground import lesson, units
from playground.background_work import TICK_S, stop_ticking
from playground.calculator import inputs, links, settings
from playground.calculator.results import Analysis
from playground.calculator.suggestion_search import SuggestionSearch
from playground.escaping import literal

SHOWN = 12
MAX_SEARCHES = 12  # searches a visitor may come back to
SEARCHES = "ca_searches"


def show(analysis: Analysis) -> None:
    """At once where it does not fit; on demand where it does, for each attempt takes as long as a profile."""
    fits = analysis.profile is None or analysis.profile.training_peak_bytes <= budget_bytes(analysis.device)
    if fits and not st.toggle("It fits. Show how to reduce memory further.", key="ca_ways", bind="query-params"):
        return
    search = _search(analysis)

    @lesson.fragment(run_every=None if search.is_over else TICK_S)
    def tick() -> None:
        with lesson.friendly():
            search.look()
        is_over = search.is_over
        _draw(search)
        if is_over:
            stop_ticking()

    tick()


def _search(analysis: Analysis) -> SuggestionSearch:
    """This visitor's search for suggestions; those before stay for a while, and rest."""
    searches: dict[Any, SuggestionSearch] = st.session_state.setdefault(SEARCHES, {})
    key = (analysis.spec, analysis.input_shape, analysis.setting, analysis.device)
    if key not in searches:
        searches[key] = SuggestionSearch(analysis)
        while len(searches) > MAX_SEARCHES:
            searches.pop(next(iter(searches)))
    for other, search in searches.items():
        if other != key:
            search.rest()
    return searches[key]


def _draw(search: SuggestionSearch) -> None:
    suggestions = [suggestion for suggestion in search.history if suggestion is not None]
    if not search.is_over:
        st.caption(f":material/hourglass_top: Searching for ways to save memory: {len(search.history)} tried so far.")
    elif not suggestions:
        st.info("No known method reduces memory further.")
    for suggestion in sorted(suggestions, key=lambda suggestion: -suggestion.saves_bytes)[:SHOWN]:
        _row(suggestion)


def _row(suggestion: Suggestion) -> None:
    """One line: what, how far down, at what cost, and the button."""
    what, cost, button = st.columns((1.5, 2, 0.5), vertical_alignment="center")
    mark = ":green[:material/check_circle:]" if suggestion.fits else ":gray[:material/arrow_downward:]"
    bytes_ = f"peak {units.memory(suggestion.peak_bytes)}, saves {units.memory(suggestion.saves_bytes)}"
    what.markdown(f"{mark} **{literal(suggestion.title)}**  \n:small[{bytes_}]")
    cost.caption(f"{'Then it fits. ' if suggestion.fits else ''}Cost: {literal(suggestion.cost)}.")
    if button.button("Apply", key=f"ca_way_{suggestion.title}", on_click=_apply, args=(suggestion,), width="stretch"):
        st.rerun()  # the whole page, not these lines alone


def _apply(suggestion: Suggestion) -> None:
    """A callback: the boxes, the input and the network as the suggestion has them."""
    settings.take(suggestion.setting)
    st.session_state[links.INPUT] = inputs.write_shape(suggestion.input_shape)
    if suggestion.edits:
        inputs.change(suggestion.edits)
