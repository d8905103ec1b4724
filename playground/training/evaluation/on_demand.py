"""Work that is done on request only, in the process that trains: this page stays quick and free of torch's load."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.errors import PlaygroundError
from core.jobs.processes.cluster import ClusterTask
from core.jobs.storage.run_folder import RunFolder
from core.training.results import Prediction
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training.evaluation.run_artifacts import RunArtifacts, cached_predictions

REFRESH_S = 0.4
TASKS = "evaluation tasks"  # in the session's state, by run and part


def evaluation_file(checkpoint: Path, part: str) -> Path:
    """Where the predictions for a part of the dataset are kept, once they were requested."""
    return RunFolder(checkpoint.parent).evaluation(part)


def evaluate(run: RunArtifacts, part: str, button: str, help: str | None = None) -> tuple[Prediction, ...] | None:
    """The predictions for a part of the dataset; None until somebody presses `button`, and while they are computed.

    Raises: PlaygroundError if they could not be computed.
    """
    path, tasks = evaluation_file(run.checkpoint, part), st.session_state.setdefault(TASKS, {})
    if path.exists():
        tasks.pop((run.run_id, part), None)
        return cached_predictions(path, run.step, run.decoded_file)
    if (run.run_id, part) not in tasks:
        st.button(button, key=f"judge-{part}", on_click=_submit, args=(run, part), type="primary", help=help)
        return None
    _wait(path, tasks[run.run_id, part])
    return None


def _submit(run: RunArtifacts, part: str) -> None:
    """Send it to the worker; a second click finds the same task."""
    task = job_manager().evaluate(owner(), run.run_id, part)
    st.session_state.setdefault(TASKS, {})[run.run_id, part] = task


@st.fragment(run_every=REFRESH_S)
def _wait(path: Path, task: ClusterTask | None) -> None:
    if path.exists():
        st.rerun()
    if task is None or task.has_failed:
        raise PlaygroundError("The images could not be evaluated: the training process failed. Start the run again.")
    st.progress(0.5, "Evaluating the images …")
