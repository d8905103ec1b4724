"""What a run left behind: its network, its pictures and its predictions, opened once and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.datasets import Pictures
from core.jobs.run_state import RunView
from core.training import Trained, load_trained
from core.training.results import Prediction, read_predictions
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training.pictures import decoded


@dataclass(frozen=True)
class Left:
    """The files of one finished run. Equal for the same run, whenever it is asked for."""

    run_id: str
    step: int
    checkpoint: Path
    predictions: Path
    pictures: Path

    @property
    def trained(self) -> Trained:
        """The network, on the CPU and in evaluation mode."""
        return trained(self.checkpoint, self.step)

    @property
    def data(self) -> Pictures:
        """All pictures of the set; they stay on disk until they are looked at."""
        return decoded(self.pictures)

    @property
    def found(self) -> tuple[Prediction, ...]:
        """What it takes the validation pictures for, the largest loss first."""
        return judgement(self.predictions, self.step, self.pictures)

    @property
    def view(self) -> RunView:
        """The run's own record."""
        return job_manager().watch(owner(), self.run_id)


def left_by(view: RunView) -> Left | None:
    """What this run left; None if it broke off, diverged or has been put away, or while its pictures are gone."""
    pictures = job_manager().decoded_file(view.source, view.size)
    if not pictures.exists():
        return None
    runs, whose = job_manager(), (owner(), view.run_id)
    predictions, checkpoint = runs.predictions(*whose), runs.checkpoint(*whose)
    if predictions is None or checkpoint is None or view.done is None or view.done.reason == "diverged":
        return None
    return Left(view.run_id, view.done.step, checkpoint, predictions, pictures)


@st.cache_resource(max_entries=8, show_spinner=False)
def trained(checkpoint: Path, step: int) -> Trained:
    """The network of a run at that step; only ever asked, never changed."""
    return load_trained(checkpoint)


@st.cache_resource(max_entries=32, show_spinner=False)
def judgement(path: Path, step: int, pictures: Path) -> tuple[Prediction, ...]:
    """Predictions kept at `path`, the largest loss first."""
    return read_predictions(path, decoded(pictures).labels)
