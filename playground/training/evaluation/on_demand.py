"""Work that is done on request only, in the process that trains: this page stays quick and free of torch's load."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.errors import PlaygroundError
from core.jobs.processes.dispatch import ClusterTask
from core.jobs.storage.run_folder import RunFolder
from core.training.results import Prediction
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training.evaluation.run_artifacts import Left, judgement

LOOK_AGAIN = 0.4  # seconds
ASKED = "after asked"  # in the session's state: the tasks, by run and part


def kept_at(checkpoint: Path, part: str) -> Path:
    """Where the judgement of a part is kept, once somebody has asked for it."""
    return RunFolder(checkpoint.parent).evaluation(part)


def judge(left: Left, part: str, button: str, help: str | None = None) -> tuple[Prediction, ...] | None:
    """The predictions for a part of the set; until somebody presses `button`, and while it is judged, None.

    Raises: PlaygroundError if the part could not be judged.
    """
    path, asked = kept_at(left.checkpoint, part), st.session_state.setdefault(ASKED, {})
    if path.exists():
        asked.pop((left.run_id, part), None)
        return judgement(path, left.step, left.pictures)
    if (left.run_id, part) not in asked:
        st.button(button, key=f"judge-{part}", on_click=_ask, args=(left, part), type="primary", help=help)
        return None
    _wait(path, asked[left.run_id, part])
    return None


def _ask(left: Left, part: str) -> None:
    """Send it to the worker; a second click finds the same task."""
    task = job_manager().evaluate(owner(), left.run_id, part)
    st.session_state.setdefault(ASKED, {})[left.run_id, part] = task


@st.fragment(run_every=LOOK_AGAIN)
def _wait(path: Path, task: ClusterTask | None) -> None:
    if path.exists():
        st.rerun()
    if task is None or task.has_failed:
        raise PlaygroundError("The pictures could not be judged: the training process broke off. Start the run again.")
    st.progress(0.5, "The network looks at the pictures …")
