"""What a run will come to, before it starts: its time on this machine, and the accuracy that its recipe has reached."""

from __future__ import annotations

import time

import streamlit as st

from core.errors import PlaygroundError
from core.training import TrainConfig
from core.training.recipe.expectations import accuracy_sentence
from core.training.workload import duration
from playground import lesson
from playground.job_manager import job_manager
from playground.training.data.tabs.splits import parts_of
from playground.training.pictures import decoded
from playground.training.session import RunPlan

TICK_S, STAYS_S = 0.5, 1.0  # between two looks; how long a plan stands before it is measured
PLAN = "outlook plan"  # in the session's state: the plan, and since when it stands


def show(plan: RunPlan) -> None:
    """Time and accuracy to expect of the plan, once its images are decoded."""
    path = job_manager().decoded_file(plan.source, plan.size)
    if not path.exists():
        return
    counts = decoded(path).class_counts
    if said := accuracy_sentence(plan.config, plan.size, counts):
        st.markdown(f":material/target: {said}")
    training, validation, *_ = map(len, parts_of(path, plan.config))
    lesson.fragment(_time, run_every=None if _is_known(plan, len(counts)) else TICK_S)(plan, training, validation)


def _is_known(plan: RunPlan, classes: int) -> bool:
    return job_manager().speed_probes.is_known(plan.config, classes, plan.size, plan.device.key)


def _time(plan: RunPlan, training: int, validation: int) -> None:
    path = job_manager().decoded_file(plan.source, plan.size)
    if not path.exists():
        return
    what = plan.config, len(decoded(path).classes), plan.size, plan.device.key
    speed = job_manager().speed_probes.get(*what)
    if speed is not None:
        seconds = speed.seconds(plan.config, plan.size, training, validation)
        st.markdown(f":material/timer: {time_sentence(seconds, plan.config)}")
    elif not job_manager().speed_probes.is_known(*what):
        st.caption("Estimating the time from a few steps …")
        if _stands(plan) and not job_manager().is_busy(plan.device.key):
            try:
                job_manager().speed_probes.start(*what)
            except PlaygroundError:  # the server is closing
                return


def _stands(plan: RunPlan) -> bool:
    """Whether a plan has been there for a moment; a slider on its way passes many."""
    now = time.monotonic()
    before, since = st.session_state.get(PLAN, (None, now))
    if before != plan:
        st.session_state[PLAN] = (plan, now)
        return False
    return now - since > STAYS_S


def time_sentence(seconds: float, config: TrainConfig) -> str:
    """
    >>> time_sentence(75.2, TrainConfig())
    'Training will take about **1 min 15 s** on this machine, by the time of a few steps; up to twice that if others \
train at the same time.'
    """
    most = "at most " if config.patience else ""
    return (
        f"Training will take {most}about **{duration(max(seconds, 1))}** on this machine, by the time of a few steps; "
        "up to twice that if others train at the same time."
    )
