"""What makes a network smaller: each remedy appears as it is found, the page goes on meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.profiler.fitting import Device, Remedy, budget_bytes
from playground import lesson, units
from playground.calculator import inputs, links, results, settings
from playground.calculator.results import Asked, Facts
from playground.escaping import literal
from playground.live_training import TICK_S, Race

SHOWN = 12
WORK_S = 0.3  # of trying a tick
KEPT = 12  # searches a visitor may come back to
SEARCHES = "ca_searches"


@dataclass
class Search(Race):
    """A search under way; nothing is tried before the page around it has been seen."""

    seen: bool = False


def show(asked: Asked, found: Facts, device: Device) -> None:
    """At once where it does not fit; on demand where it does, for each attempt takes as long as a profile."""
    budget = budget_bytes(device)
    fits = found.profile.training_peak_bytes <= budget
    if fits and not st.toggle("It fits. Show what would make it smaller still.", key="ca_ways", bind="query-params"):
        return
    search = _search(asked, budget)

    @st.fragment(run_every=None if search.over else TICK_S)
    def tick() -> None:
        under_way = not search.over
        with lesson.friendly():
            if under_way and search.seen:
                search.advance(WORK_S)
        search.seen = True
        _draw(search)
        if under_way and search.over:
            st.rerun()  # which ends the ticking

    tick()


def _search(asked: Asked, budget: int) -> Search:
    """This visitor's search for remedies; those before stay for a while."""
    searches: dict[Any, Search] = st.session_state.setdefault(SEARCHES, {})
    key = (asked, budget)
    if key not in searches:
        searches[key] = Search(key, results.ways_out(asked, budget))
        while len(searches) > KEPT:
            searches.pop(next(iter(searches)))
    return searches[key]


def _draw(search: Search) -> None:
    ways = sorted((way for way in search.moments if way is not None), key=lambda way: -way.saves_bytes)
    if not search.over:
        st.caption(f":material/hourglass_top: Trying what else would help: {len(search.moments)} attempts so far.")
    elif not ways:
        st.info("Nothing we know makes it smaller.")
    for way in ways[:SHOWN]:
        _way(way)


def _way(way: Remedy) -> None:
    """One line: what, how far down, at what price, and the button."""
    what, price, button = st.columns((1.5, 2, 0.5), vertical_alignment="center")
    mark = ":green[:material/check_circle:]" if way.fits else ":gray[:material/arrow_downward:]"
    bytes_ = f"peak {units.decimal(way.peak_bytes)}, saves {units.decimal(way.saves_bytes)}"
    what.markdown(f"{mark} **{literal(way.title)}**  \n:small[{bytes_}]")
    price.caption(f"{'Then it fits. ' if way.fits else ''}Price: {literal(way.cost)}.")
    if button.button("Apply", key=f"ca_way_{way.title}", on_click=_apply, args=(way,), width="stretch"):
        st.rerun()  # the whole page, not these lines alone


def _apply(way: Remedy) -> None:
    """A callback: the boxes, the input and the network as the remedy has them."""
    settings.take(way.setting)
    st.session_state[links.INPUT] = inputs.write_shape(way.input_shape)
    if way.edits:
        inputs.change(way.edits)
