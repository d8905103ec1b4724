"""The finished runs of this visitor as networks to inspect; it is imported where there are any."""

from __future__ import annotations

import functools

import numpy as np
import streamlit as st
from torch import Tensor, nn

from core.jobs.run_state import RunView
from core.jobs.storage.run_folder import RunFolder
from core.lessons.inspect_network import TrainingCheckpoint
from core.training import build_network, seeding
from core.training.results import network_input
from core.training.weight_snapshots import WeightSnapshot, load_snapshot, weight_snapshots
from playground.identity import owner
from playground.inspect_network.network_source import TRAINED, UNTRAINED, NetworkSource
from playground.job_manager import job_manager
from playground.training.evaluation.run_artifacts import RunArtifacts, artifacts_of
from playground.training.history import title
from playground.training.history.config_diff import numbered

RIGHT = "{} of {} validation images right"


def sources() -> dict[str, NetworkSource]:
    """By their ids, the newest first."""
    runs = numbered(job_manager().runs(owner()))
    finished = ((name, view, artifacts_of(view)) for name, view in runs.items())
    return {view.run_id: _source(title(name, view), view, run) for name, view, run in finished if run is not None}


@st.cache_resource(max_entries=2, show_spinner=False)
def _initial(run: RunArtifacts) -> nn.Module:
    """The network with the weights that its run began with: those that its seed draws, or pre-trained ones."""
    trained = run.trained
    with seeding.seeded_globally(trained.config.seed, seeding.Purpose.INITIALIZATION):
        model = build_network(trained.config.network, len(trained.classes), trained.size, trained.config)
    return model.eval().requires_grad_(False)


@st.cache_resource(max_entries=8, show_spinner=False)
def _after_epoch(run: RunArtifacts, snapshot: WeightSnapshot) -> nn.Module:
    return load_snapshot(snapshot, run.trained)


@st.cache_resource(max_entries=16, show_spinner=False)
def _kept(run: RunArtifacts) -> tuple[WeightSnapshot, ...]:
    """The weights that the run kept on its way; none of runs of earlier versions, and none of large networks."""
    folder = RunFolder(run.checkpoint.parent).weight_snapshots
    return tuple(one for one in weight_snapshots(folder) if one.step < run.step)


def _checkpoints(view: RunView, run: RunArtifacts) -> tuple[TrainingCheckpoint, ...]:
    """Before training, after each epoch whose weights were kept, and after training."""
    checkpoints = [TrainingCheckpoint("untrained", UNTRAINED, lambda: _initial(run))]
    for one in _kept(run):
        model = functools.partial(_after_epoch, run, one)
        key, result = f"epoch-{one.epoch}", RIGHT.format(one.correct, one.count)
        checkpoints.append(TrainingCheckpoint(key, f"After epoch {one.epoch}", model, result))
    result = ""
    if view.began is not None and view.done is not None:
        count = view.began.val_images
        result = RIGHT.format(round(view.done.val_accuracy * count), count)
    return (*checkpoints, TrainingCheckpoint("", TRAINED, lambda: run.trained.model, result))


def _source(title: str, view: RunView, run: RunArtifacts) -> NetworkSource:
    def picture(number: int) -> tuple[np.ndarray, int]:
        data = run.data
        return data.images[number].permute(1, 2, 0).contiguous().numpy(), int(data.labels[number])

    def prepare(pixels: np.ndarray) -> Tensor:
        return network_input(pixels, run.trained.normalize)

    return NetworkSource(
        run.run_id,
        title,
        lambda: run.trained.model,
        lambda: run.trained.classes,
        view.size,
        lambda: len(run.data.images),
        picture,
        prepare,
        boxes=lambda number: None if run.data.boxes is None else run.data.boxes[number],
        run_id=run.run_id,
        checkpoints=lambda: _checkpoints(view, run),
        is_private=True,
    )
