"""The learning-rate range test for the data, network and recipe that are chosen, before the run starts."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import streamlit as st

from core.errors import PlaygroundError
from core.jobs.run_state import FAILED, PREPARING, WAITING
from core.jobs.short_tasks.lr_searches import LrSearch
from core.training.lr_range_test import HIGHEST, LOWEST
from playground import lesson
from playground.charts.lr_range_test import rate_curve
from playground.identity import owner
from playground.job_manager import job_manager
from playground.plotly_chart import plotly_chart
from playground.training import memory
from playground.training.data import dataset_choice
from playground.training.recipe import ChosenRecipe, rates
from playground.training.session import RunPlan

TICK = 0.4  # seconds between two looks
REFUSAL = "training finder refused"  # in the session's state
HELP = (
    "Learning-rate range test: trains a copy of this network on the first batches, each at a higher learning rate, "
    "until the loss diverges. One tenth of the highest learning rate with a low loss is a safe choice (Smith 2015, "
    "arXiv:1506.01186)."
)


def offer(chosen: ChosenRecipe, plan: RunPlan) -> None:
    """The button beside the learning rate, and what came of it."""
    search = job_manager().lr_searches.of(owner())
    with chosen.beside_rate:
        if search is not None and not search.is_over:
            lesson.fragment(_watch, run_every=TICK)()
        elif search is None or search.state == FAILED or not is_of(search, plan):
            _begin(search, plan)
        else:
            _result(search, chosen.rate_key)


def is_of(search: LrSearch, plan: RunPlan) -> bool:
    """Whether a search was made for what is chosen now; the learning rate itself does not count."""
    spec = search.spec
    config = dataclasses.replace(spec.config, learning_rate=plan.config.learning_rate)
    return (spec.source, spec.size, config, spec.device) == (plan.source, plan.size, plan.config, plan.device.key)


def _begin(search: LrSearch | None, plan: RunPlan) -> None:
    options = {"icon": ":material/troubleshoot:", "width": "stretch", "help": HELP}
    is_absent = not dataset_choice.is_here(plan.source)
    st.button("Find a learning rate", key="find-rate", on_click=_start, args=(plan,), disabled=is_absent, **options)
    error = st.session_state.pop(REFUSAL, "") or (search.error if search is not None else "")
    if error:
        lesson.refuse(error)
    elif search is not None:
        st.caption("The settings have changed since the last search: search again.")


def _start(plan: RunPlan) -> None:
    try:
        memory.check(plan.source, plan.size, plan.config, plan.device)
        job_manager().start_lr_search(owner(), plan.source, plan.size, plan.config, plan.device.key)
    except PlaygroundError as error:
        st.session_state[REFUSAL] = str(error)


def _watch() -> None:
    search = job_manager().lr_searches.of(owner())
    if search is None or search.is_over:
        st.rerun()  # the whole page: nothing needs to be looked at again and again any more
    st.progress(search.share, progress_text(search))
    if search.steps:
        _draw(search)
    st.button("Cancel", key="find-cancel", on_click=_forget, icon=":material/close:", width="stretch")


def _forget() -> None:
    job_manager().lr_searches.stop(owner())


def progress_text(search: LrSearch) -> str:
    if search.state == WAITING:
        return "Waiting for the current run …" if job_manager().is_busy(search.spec.device) else "Starting …"
    if search.state == PREPARING:
        return f"Reading images: {search.prepared[0]:,} of {search.prepared[1]:,}"
    return f"At a learning rate of {plain(search.steps[-1].rate, 1)}" if search.steps else "Starting …"


def _result(search: LrSearch, rate_key: str) -> None:
    if search.rate is None:
        st.error("The loss is NaN even at the lowest learning rate: choose other settings.", icon=":material/error:")
    else:
        _draw(search)
        near = nearest(search.rate)
        st.caption(
            f"{plain(10 * search.rate)} is the highest learning rate at which the loss is at its minimum, within the "
            f"noise. One tenth of that, **{plain(search.rate)}** (dashed line), is a safe choice; the nearest "
            f"available is **{near:g}**."
        )
        options = {"type": "primary", "icon": ":material/check:", "width": "stretch"}
        st.button(f"Use {near:g}", key="find-use", on_click=_use, args=(rate_key, near), **options)
    st.button("Close", key="find-close", on_click=_forget, type="tertiary", icon=":material/close:")


def plain(rate: float, digits: int = 2) -> str:
    """
    >>> plain(0.0000123), plain(0.35), plain(2.0, 1)
    ('0.000012', '0.35', '2')
    """
    return np.format_float_positional(float(f"{rate:.{digits}g}"), trim="-")


def nearest(rate: float) -> float:
    """The rate that the control offers and that is nearest in factors.

    >>> nearest(0.0234), nearest(1e-7)
    (0.02, 0.0001)
    """
    return min(rates(), key=lambda known: abs(math.log(known / rate)))


def _use(rate_key: str, rate: float) -> None:
    st.session_state[rate_key] = rate


def _draw(search: LrSearch) -> None:
    alt = f"Loss vs. learning rate over {len(search.steps)} steps"
    plotly_chart(rate_curve(search.steps, LOWEST, HIGHEST, search.rate), "lr-range-test", alt)
