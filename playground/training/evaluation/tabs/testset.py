"""The test set: pictures that training never touched and that nobody has looked at, until asked for."""

from __future__ import annotations

import streamlit as st

from core.jobs.run_state import RunView
from core.training.results import TEST, interval, parts_of
from playground.components.heatmap_overlay import overlay
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training.evaluation import on_demand
from playground.training.evaluation.run_artifacts import Left
from playground.training.evaluation.tabs import predictions

SHOWN = 12


def show(left: Left) -> None:
    """The button, and then the result with what it is worth."""
    count = len(parts_of(left.trained.config, left.data)[TEST])
    if not count:
        st.info("This run kept no test set: set a test share in the recipe, under the split, before you start.")
        return
    looks = _looks(left)
    if on_demand.kept_at(left.checkpoint, TEST) not in looks:
        st.markdown(
            f"**{count:,} pictures** were kept aside from the beginning. Neither the weights nor any choice of yours "
            "has been made with them. Look once, when you have decided which run is your best."
        )
        if looks:
            _warn(len(looks))
    found = on_demand.judge(left, TEST, "Open the test set")
    if found is None:
        return
    right = sum(one.is_right for one in found)
    low, high = interval(right, len(found))
    test, val = st.columns(2)
    test.metric(
        "Right on the test set",
        f"{right / len(found):.1%}",
        f"{right:,} of {len(found):,}",
        delta_color="off",
        delta_arrow="off",
    )
    val.metric(
        "Right on validation",
        f"{_share(left.found):.1%}",
        f"{len(left.found):,} pictures",
        delta_color="off",
        delta_arrow="off",
    )
    st.markdown(
        f"With {len(found):,} pictures the true share lies between **{low:.1%}** and **{high:.1%}** (95 % confidence, "
        "Wilson). The validation figure tends to be a little too good: the best epoch and recipe were chosen by it."
    )
    _warn(len(_looks(left)))
    wrong = [one for one in found if not one.is_right][:SHOWN]
    if wrong:
        overlay([predictions.laid(left, one) for one in wrong], key="after-test", side=120)


def _warn(looks: int) -> None:
    times = "once" if looks == 1 else f"{looks} times"
    st.caption(
        f":material/visibility: You have looked at this test set {times}. Each further run that you choose by it makes "
        "it a second validation set, and its figure too good; for an honest one, split anew with another seed."
    )


def _looks(left: Left) -> list:
    """Which of this visitor's runs on the same division of the same pictures have opened the test set."""
    here = left.view
    files = [
        job_manager().checkpoint(owner(), view.run_id) for view in job_manager().runs(owner()) if _same_test(view, here)
    ]
    kept = [on_demand.kept_at(file, TEST) for file in files if file is not None]
    return [path for path in kept if path.exists()]


def _same_test(view: RunView, here: RunView) -> bool:
    def key(one: RunView) -> tuple:
        return one.source, one.config.split_seed, one.config.val_share, one.config.test_share

    return key(view) == key(here)


def _share(found: tuple) -> float:
    return sum(one.is_right for one in found) / max(1, len(found))
