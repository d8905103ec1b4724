"""The test set: images that training never used and that nobody has seen until somebody opens it."""

from __future__ import annotations

import streamlit as st

from core.jobs.run_state import RunView
from core.training.results import TEST, interval, parts_of
from playground import units
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
        st.info("This run has no test set: set “Test split” under “Seeds and splits” before you start a run.")
        return
    looks = _looks(left)
    if on_demand.kept_at(left.checkpoint, TEST) not in looks:
        st.markdown(
            f"**{units.counted(count, 'image')}** were set aside at the start. Neither the weights nor any of your "
            "choices depend on them. Open the test set once, when you have decided which run is your best."
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
        "Test accuracy",
        units.percent(right / len(found)),
        f"{right:,} of {len(found):,}",
        delta_color="off",
        delta_arrow="off",
    )
    val.metric(
        "Validation accuracy",
        units.percent(_share(left.found)),
        f"{len(left.found):,} images",
        delta_color="off",
        delta_arrow="off",
    )
    st.markdown(
        f"With {units.counted(len(found), 'image')} the true accuracy lies between **{units.percent(low)}** and "
        f"**{units.percent(high)}** (95 % confidence, Wilson interval). Validation accuracy tends to be slightly too "
        "high: the best epoch and recipe were chosen by it."
    )
    _warn(len(_looks(left)))
    wrong = [one for one in found if not one.is_right][:SHOWN]
    if wrong:
        overlay([predictions.laid(left, one) for one in wrong], key="after-test", side=120)


def _warn(looks: int) -> None:
    times = "once" if looks == 1 else f"{looks} times"
    st.caption(
        f":material/visibility: You have opened this test set {times}. Each further run that you choose by it turns it "
        "into a second validation set, whose accuracy is too high; for an unbiased one, use another split seed."
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
