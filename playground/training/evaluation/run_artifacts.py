"""What a run left behind: its network, its images and its predictions, opened once and never changed.

Predictions for other parts of the dataset are made on request only, in the process that trains: this page stays quick
and free of torch's load.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.datasets import ImageDataset
from core.errors import DataError, PlaygroundError
from core.jobs.processes.cluster import ClusterTask
from core.jobs.processes.dispatch import KILLED
from core.jobs.run_state import RunView
from core.jobs.storage.run_folder import RunFolder
from core.training import DamagedCheckpoint, TrainedModel, load_trained
from core.training.results import TEST, EvaluatedImages, Prediction, read_predictions, read_probabilities
from playground import lesson, refusal
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training.pictures import decoded
from playground.training.session import GONE

REFRESH_S = 0.4
DAMAGED = "The weights of this run are damaged on the server's disk: start it again, or delete it under “Your runs”."
LOST = "What was computed is not there any more: start the run again."
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
    def validation(self) -> EvaluatedImages:
        """Its validation images with the probabilities of all classes."""
        return cached_probabilities(self.predictions_file, self.step, self.decoded_file)

    @property
    def test(self) -> EvaluatedImages | None:
        """The same of its test images; None until the test set was opened."""
        path = evaluation_file(self.checkpoint, TEST)
        return cached_probabilities(path, self.step, self.decoded_file) if path.exists() else None

    @property
    def view(self) -> RunView:
        """Raises: PlaygroundError if the run was deleted meanwhile."""
        view = job_manager().look(self.owner, self.run_id)
        if view is None:
            raise PlaygroundError(GONE)
        return view


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
    """The network of a run at that step; it is only used to predict, never changed.

    Raises: PlaygroundError if its files are damaged.
    """
    try:
        return load_trained(checkpoint)
    except DamagedCheckpoint as error:
        raise PlaygroundError(DAMAGED) from error


@st.cache_resource(max_entries=32, show_spinner=False)
def cached_predictions(path: Path, step: int, decoded_file: Path) -> tuple[Prediction, ...]:
    """Predictions kept at `path`, the largest loss first. Raises: DataError if they are damaged."""
    return read_predictions(path, decoded(decoded_file).labels)


@st.cache_resource(max_entries=32, show_spinner=False)
def cached_probabilities(path: Path, step: int, decoded_file: Path) -> EvaluatedImages:
    """Probabilities of all classes kept at `path`. Raises: DataError if they are damaged."""
    return read_probabilities(path, decoded(decoded_file).labels)


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
        return _kept(path, run)
    if (run.run_id, part) not in tasks:
        st.button(button, key=f"judge-{part}", on_click=_submit, args=(run, part), type="primary", help=help)
        return None
    wait_for(path, tasks[run.run_id, part])
    return None


def _kept(path: Path, run: RunArtifacts) -> tuple[Prediction, ...]:
    """Predictions that were requested before. Raises: DataError if they are damaged; they can be requested again."""
    try:
        return cached_predictions(path, run.step, run.decoded_file)
    except DataError:
        path.unlink(missing_ok=True)
        raise


@refusal.toasted()
def _submit(run: RunArtifacts, part: str) -> None:
    """Send it to the worker; a second click finds the same task."""
    task = job_manager().evaluate(owner(), run.run_id, part)
    st.session_state.setdefault(TASKS, {})[run.run_id, part] = task


@lesson.fragment(run_every=REFRESH_S)
def wait_for(path: Path, task: ClusterTask | None) -> None:
    """Until a task has written its file. Raises: PlaygroundError if it failed."""
    if path.exists():
        st.rerun()
    if task is not None and (why := task.failure(KILLED)):
        raise PlaygroundError(f"The images could not be evaluated. {why}")
    if task is None or task.is_done:
        raise PlaygroundError(LOST)
    st.progress(0.5, "Evaluating the images …")
