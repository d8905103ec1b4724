"""The finished runs of this visitor as networks to inspect; it is imported where there are any."""

from __future__ import annotations

import numpy as np
import streamlit as st
from torch import Tensor, nn

from core.training import build_network, seeding
from core.training.results import network_input
from playground.identity import owner
from playground.inspect_network.network_source import NetworkSource
from playground.job_manager import job_manager
from playground.training.evaluation.run_artifacts import RunArtifacts, artifacts_of
from playground.training.history import title
from playground.training.history.config_diff import numbered


def sources() -> dict[str, NetworkSource]:
    """By their ids, the newest first."""
    runs = numbered(job_manager().runs(owner()))
    finished = ((name, view, artifacts_of(view)) for name, view in runs.items())
    return {view.run_id: _source(title(name, view), run) for name, view, run in finished if run is not None}


@st.cache_resource(max_entries=2, show_spinner=False)
def _initial(run: RunArtifacts) -> nn.Module:
    """The network with the weights that its run began with: those that its seed draws, or pre-trained ones."""
    trained = run.trained
    with seeding.seeded_globally(trained.config.seed, seeding.Purpose.INITIALIZATION):
        model = build_network(trained.config.network, len(trained.classes), trained.size, trained.config)
    return model.eval().requires_grad_(False)


def _source(title: str, run: RunArtifacts) -> NetworkSource:
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
        run.view.size,
        len(run.data.images),
        picture,
        prepare,
        boxes=lambda number: None if run.data.boxes is None else run.data.boxes[number],
        run_id=run.run_id,
        untrained=lambda: _initial(run),
    )
