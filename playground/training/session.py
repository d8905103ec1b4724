"""One visitor's runs on the page: which one is looked at, starting the next, and the lines that repeat it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.datasets import REMOTE
from core.errors import DataError, PlaygroundError
from core.jobs.job_spec import Source
from core.jobs.processes.devices import TrainingDevice
from core.jobs.run_state import FAILED, RunView
from core.training import TrainConfig, differences
from playground import lesson, units
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training import memory
from playground.training.data import dataset_choice

RUN = "run"  # in the address bar: after a reload the page finds its run again
REFUSAL = "training refused"  # why the last click on Start had no effect
LOOKED_AT = "training set looked at"


def current_run(source: Source, size: int) -> str | None:
    """The run in the address bar, if it is this visitor's; choosing other pictures puts a finished one aside."""
    run_id = st.query_params.get(RUN)
    view = job_manager().watch(owner(), run_id) if run_id else None
    before = st.session_state.get(LOOKED_AT)
    st.session_state[LOOKED_AT] = (source, size)
    moved_on = before is not None and before != (source, size)
    if run_id and (view is None or (view.is_over and moved_on)):
        del st.query_params[RUN]
        return None
    return run_id


@dataclass(frozen=True)
class Plan:
    """What a click on Start would begin."""

    source: Source
    size: int
    config: TrainConfig
    device: TrainingDevice


def start_button(place: DeltaGenerator, run_id: str | None, plan: Plan) -> None:
    """The way into a run. While one goes on, the next has to wait for it."""
    view = job_manager().watch(owner(), run_id) if run_id else None
    busy, is_here = view is not None and not view.is_over, dataset_choice.is_here(plan.source)
    label = "Training …" if busy else "Start again" if view else "Start training"
    looks = {"type": "primary", "icon": ":material/play_arrow:", "width": "stretch"}
    place.button(label, key="start", on_click=_start, args=(plan,), disabled=busy or not is_here, **looks)
    if not is_here:
        place.caption(absent(plan.source))
    if refusal := st.session_state.pop(REFUSAL, None):
        lesson.refuse(refusal, place)


def absent(source: Source) -> str:
    """That a set has to be downloaded before anything can be done with it."""
    size = units.decimal(REMOTE[source.name].size_bytes)
    return f"These pictures are not on this server yet: download them first ({size})."


def _start(plan: Plan) -> None:
    try:
        if not dataset_choice.is_here(plan.source):  # it was removed since the page was drawn
            raise DataError(absent(plan.source))
        memory.check(plan.source, plan.size, plan.config, plan.device)
        st.query_params[RUN] = job_manager().start(owner(), plan.source, plan.size, plan.config, plan.device.key)
    except PlaygroundError as error:
        st.session_state[REFUSAL] = str(error)


def say_memory(plan: Plan) -> None:
    """What the run takes of memory. Raises: PlaygroundError if that does not fit."""
    if sentence := memory.check(plan.source, plan.size, plan.config, plan.device):
        st.markdown(f":material/memory: {sentence}")


def say_error(view: RunView) -> None:
    """Raises: PlaygroundError with the reason why a run broke off."""
    if view.state == FAILED:
        raise PlaygroundError(view.error)


def is_solved(views: list[RunView]) -> bool:
    """Whether some run of at most 5 epochs ended with at least 95 % right."""
    return any(view.done and view.config.epochs <= 5 and view.done.val_accuracy >= 0.95 for view in views)


def lines(source: Source, size: int, config: TrainConfig) -> str:
    """Python that trains the same network on the same pictures in the same order."""
    changes = differences(TrainConfig(), config)
    settings = "".join(f"\n    {name}={value!r}," for name, (_, value) in changes.items())
    settings = f"{settings}\n" if settings else ""
    return (
        "from core.datasets import load\n"
        "from core.training import TrainConfig, train\n\n"
        f"pictures = load({source.title if source.is_upload else source.where!r}, size={size})\n"
        f"config = TrainConfig({settings})\n"
        "for event in train(config, pictures):\n"
        "    print(event)"
    )
