"""The evidence for a prediction: the choice of a method, a layer and a class, and the maps that follow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from core.errors import PlaygroundError
from core.explain import METHODS, convolutions, pooled_head
from core.training.results import network_input
from playground import computation_gate, controls
from playground.training.evaluation.run_artifacts import RunArtifacts, trained
from playground.training.pictures import decoded

NONE, PREDICTED = "None", "Predicted class"
ROOM = 40  # letters: the methods stand side by side
QUICK = {name: name for name, one in METHODS.items() if one.passes == 1 and not one.is_sensitivity}  # for many images


@dataclass(frozen=True)
class AttributionSettings:
    """A method of `METHODS`, a convolution for those that take one, and a class (None: the predicted one)."""

    method: str
    layer: str
    label: int | None


def row() -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="bottom")


def choose(run: RunArtifacts, key: str, container: DeltaGenerator) -> AttributionSettings | None:
    """The controls, in the row `container`; None if no map is wanted."""
    model = run.trained.model
    with container:
        first = "CAM" if has_cam(run.checkpoint, run.step) else "Grad-CAM"
        method = controls.pick("Heat map", QUICK | {NONE: NONE}, f"{key}_how", first, room=ROOM)
        if method == NONE:
            return None
        layers = convolutions(model)
        layer = layers[-1] if layers else ""
        if METHODS[method].takes_layer and layers:
            names = {name: f"{name}: {describe_layer(run, name)}" for name in layers}
            layer = controls.pick("Layer", names, f"{key}_at", layer)
        labels = {PREDICTED: PREDICTED, **{name: f"“{name}”" for name in run.trained.classes}}
        label = controls.pick("Evidence for", labels, f"{key}_for")
    return AttributionSettings(method, layer, None if label == PREDICTED else run.trained.classes.index(label))


@st.cache_data(max_entries=32, show_spinner=False)
def has_cam(checkpoint: Path, step: int) -> bool:
    """Whether this run's network ends in a global average pool and a linear layer."""
    network = trained(checkpoint, step)
    try:
        noise = torch.rand(1, 3, network.size, network.size, generator=torch.Generator().manual_seed(0))
        pooled_head(network.model, noise)
    except PlaygroundError:
        return False
    return True


@computation_gate.cached(64)
def maps_of_images(
    run: RunArtifacts, settings: AttributionSettings, indices: tuple[int, ...], labels: tuple[int, ...]
) -> np.ndarray:
    """Maps (B, h, w) for the images at `indices`, each for the class in `labels`."""
    network, images = run.trained, decoded(run.decoded_file).images[list(indices)]
    x_BCHW = network.normalize(images)
    return _maps(network.model, settings, x_BCHW, torch.tensor(labels))


def map_of(run: RunArtifacts, settings: AttributionSettings, pixels: np.ndarray, label: int) -> np.ndarray:
    """The map (h, w) of one image, uint8 (size, size, 3)."""
    network = run.trained
    return _maps(network.model, settings, network_input(pixels, network.normalize), torch.tensor([label]))[0]


def _maps(
    model: torch.nn.Module, settings: AttributionSettings, x_BCHW: torch.Tensor, labels: torch.Tensor
) -> np.ndarray:
    method, parts = METHODS[settings.method], []
    for x, label in zip(x_BCHW.split(32), labels.split(32), strict=True):
        parts.append(method.explain(model, settings.layer, x, label))
    return torch.cat(parts).numpy()


def describe_layer(run: RunArtifacts, name: str) -> str:
    """A convolution in a few words: its kernel and channels."""
    layer = run.trained.model.get_submodule(name)
    kernel = "×".join(map(str, layer.kernel_size))
    return f"{kernel}, {layer.in_channels} → {layer.out_channels}"
