"""One visitor's runs on the page: the current one, and starting the next."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.datasets import REMOTE
from core.errors import DataError, PlaygroundError
from core.jobs.job_spec import Source
from core.jobs.processes.devices import TrainingDevice
from core.jobs.run_state import FAILED, RunView
from core.training import TrainConfig
from playground import lesson, units
from playground.background_work import TICK_S, stop_ticking
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training import memory
from playground.training.data import dataset_choice
from playground.training.data.understanding import refusal_of

RUN = "run"  # in the address bar: after a reload the page finds its run again
ERROR = "training refused"  # why the last click on Start had no effect
LAST_CHOICE = "training last choice"
GONE = "This run is not there any more: it was deleted, or the server's cache folder was emptied. Start it again."


def current_run(source: Source, size: int) -> str | None:
    """The run in the address bar, if it is this visitor's; choosing another dataset puts a finished one aside."""
    run_id = st.query_params.get(RUN)
    view = job_manager().watch(owner(), run_id) if run_id else None
    before = st.session_state.get(LAST_CHOICE)
    st.session_state[LAST_CHOICE] = (source, size)
    has_changed = before is not None and before != (source, size)
    if run_id and (view is None or (view.is_over and has_changed)):
        del st.query_params[RUN]
        return None
    return run_id


@dataclass(frozen=True)
class RunPlan:
    """What a click on Start would begin."""

    source: Source
    size: int
    config: TrainConfig
    device: TrainingDevice


def start_button(container: DeltaGenerator, run_id: str | None, plan: RunPlan) -> None:
    """Starts a run. While one is running, the next has to wait for it."""
    view = job_manager().watch(owner(), run_id) if run_id else None
    busy, is_here = view is not None and not view.is_over, dataset_choice.is_here(plan.source)
    label = "Training …" if busy else "Start again" if view else "Start training"
    options = {"type": "primary", "icon": ":material/play_arrow:", "width": "stretch"}
    container.button(label, key="start", on_click=_start, args=(plan,), disabled=busy or not is_here, **options)
    if not is_here:
        container.caption(not_downloaded(plan.source))
    if error := st.session_state.pop(ERROR, None):
        lesson.refuse(error, container)


def say(why: str) -> None:
    """Have the next run of the page say under the button why there is no run."""
    st.session_state[ERROR] = why


def not_downloaded(source: Source) -> str:
    size = units.decimal(REMOTE[source.name].size_bytes)
    return f"This dataset is not on this server yet: download it first ({size})."


def _start(plan: RunPlan) -> None:
    try:
        if not dataset_choice.is_here(plan.source):  # it was removed since the page was drawn
            raise DataError(not_downloaded(plan.source))
        if refusal := refusal_of(plan.source):
            raise DataError(refusal)
        memory.check(plan.source, plan.size, plan.config, plan.device)
        st.query_params[RUN] = job_manager().start(owner(), plan.source, plan.size, plan.config, plan.device.key)
    except PlaygroundError as error:
        say(str(error))


def show_memory(plan: RunPlan) -> None:
    """The memory that the run needs, as soon as that is known. Raises: PlaygroundError if that does not fit."""
    if memory.is_known(plan.source, plan.size, plan.config, plan.device):
        _show_memory(plan)
    else:
        lesson.fragment(_look_for_memory, run_every=TICK_S)(plan)


def _look_for_memory(plan: RunPlan) -> None:
    with lesson.friendly():
        if not memory.is_known(plan.source, plan.size, plan.config, plan.device):
            st.caption("Estimating the memory …")
            return
        _show_memory(plan)
    stop_ticking()


def _show_memory(plan: RunPlan) -> None:
    if sentence := memory.check(plan.source, plan.size, plan.config, plan.device):
        st.markdown(f":material/memory: {sentence}")


def raise_error(view: RunView) -> None:
    """Raises: PlaygroundError with the reason why a run failed."""
    if view.state == FAILED:
        raise PlaygroundError(view.error)


def is_solved(views: list[RunView]) -> bool:
    """Whether some run of at most 5 epochs ended with a validation accuracy of at least 95 %."""
    ends = [view.done for view in views if view.done and view.config.epochs <= 5]
    return any(done.val_accuracy >= 0.95 and not done.has_diverged for done in ends)
