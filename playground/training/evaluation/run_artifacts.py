"""What a run left behind: its network, its images and its predictions, opened once and never changed.

Predictions for other parts of the dataset are made on request only, in the process that trains: this page stays quick
and free of torch's load.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.datasets import ImageDataset
from core.errors import PlaygroundError
from core.jobs.processes.cluster import ClusterTask
from core.jobs.run_state import RunView
from core.jobs.storage.run_folder import RunFolder
from core.training import TrainedModel, load_trained
from core.training.results import Prediction, read_predictions
from playground import lesson
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training.pictures import decoded

REFRESH_S = 0.4
TASKS = "evaluation tasks"  # in the session's state, by run and part


@dataclass(frozen=True)
class RunArtifacts:
    """The files of one finished run. Equal for the same run, whenever it is opened."""

    run_id: str
    step: int
    checkpoint: Path
    predictions_file: Path
    decoded_file: Path
    owner: str
    shows_images: bool = True  # to whoever looks at it

    @property
    def trained(self) -> TrainedModel:
        """The network, on the CPU and in evaluation mode."""
        return trained(self.checkpoint, self.step)

    @property
    def data(self) -> ImageDataset:
        """All images of the dataset; they stay on disk until they are used."""
        return decoded(self.decoded_file)

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """Its predictions for the validation images, the largest loss first."""
        return cached_predictions(self.predictions_file, self.step, self.decoded_file)

    @property
    def view(self) -> RunView:
        return job_manager().look(self.owner, self.run_id)


def artifacts_of(view: RunView, owned_by: str = "", shows_images: bool = True) -> RunArtifacts | None:
    """The files of a run of this visitor, or of another owner; None if it failed, diverged or was removed, or while its
    decoded images are gone.
    """
    decoded_file = job_manager().decoded_file(view.source, view.size)
    if not decoded_file.exists():
        return None
    owned_by = owned_by or owner()
    jobs, name = job_manager(), (owned_by, view.run_id)
    predictions, checkpoint = jobs.predictions(*name), jobs.checkpoint(*name)
    if predictions is None or checkpoint is None or view.done is None or view.done.has_diverged:
        return None
    return RunArtifacts(view.run_id, view.done.step, checkpoint, predictions, decoded_file, owned_by, shows_images)


@st.cache_resource(max_entries=8, show_spinner=False)
def trained(checkpoint: Path, step: int) -> TrainedModel:
    """The network of a run at that step; it is only used to predict, never changed."""
    return load_trained(checkpoint)


@st.cache_resource(max_entries=32, show_spinner=False)
def cached_predictions(path: Path, step: int, decoded_file: Path) -> tuple[Prediction, ...]:
    """Predictions kept at `path`, the largest loss first."""
    return read_predictions(path, decoded(decoded_file).labels)


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
    wait_for(path, tasks[run.run_id, part])
    return None


def _submit(run: RunArtifacts, part: str) -> None:
    """Send it to the worker; a second click finds the same task."""
    task = job_manager().evaluate(owner(), run.run_id, part)
    st.session_state.setdefault(TASKS, {})[run.run_id, part] = task


@lesson.fragment(run_every=REFRESH_S)
def wait_for(path: Path, task: ClusterTask | None) -> None:
    """Until a task has written its file. Raises: PlaygroundError if it failed."""
    if path.exists():
        st.rerun()
    if task is None or task.has_failed:
        raise PlaygroundError("The images could not be evaluated: the training process failed. Start the run again.")
    st.progress(0.5, "Evaluating the images …")
