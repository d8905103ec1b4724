"""Where the network looks: the choice of a method, a layer and a class, and the maps that follow."""

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
from playground import controls
from playground.training.evaluation.run_artifacts import Left, trained
from playground.training.pictures import decoded

NOTHING, ITS_ANSWER = "nothing", "what it answers"


@dataclass(frozen=True)
class Look:
    """What is asked: a method of `METHODS`, a convolution for those that take one, and a class (None: its answer)."""

    method: str
    layer: str
    kind: int | None


def row() -> DeltaGenerator:
    """A row of controls."""
    return st.container(horizontal=True, vertical_alignment="bottom")


def choose(left: Left, key: str, place: DeltaGenerator) -> Look | None:
    """The controls, in the row `place`; None if no map is wanted."""
    model = left.trained.model
    with place:
        first = "CAM" if has_cam(left.checkpoint, left.step) else "Grad-CAM"
        method = controls.pick("Lay over it", {name: name for name in (*METHODS, NOTHING)}, f"{key}_how", first)
        if method == NOTHING:
            return None
        layers = convolutions(model)
        layer = layers[-1] if layers else ""
        if METHODS[method].takes_layer and layers:
            names = {name: f"{name}: {about(left, name)}" for name in layers}
            layer = controls.pick("Convolution", names, f"{key}_at", layer)
        kinds = {ITS_ANSWER: ITS_ANSWER, **{name: f"“{name}”" for name in left.trained.classes}}
        kind = controls.pick("Evidence for", kinds, f"{key}_for")
    return Look(method, layer, None if kind == ITS_ANSWER else left.trained.classes.index(kind))


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


@st.cache_data(max_entries=64, show_spinner=False)
def maps_of_set(left: Left, look: Look, places: tuple[int, ...], kinds: tuple[int, ...]) -> np.ndarray:
    """Maps (B, h, w) for pictures of the set at `places`, each for the class in `kinds`."""
    network, images = left.trained, decoded(left.pictures).images[list(places)]
    x_BCHW = network.normalize(images)
    return _maps(network.model, look, x_BCHW, torch.tensor(kinds))


def map_of(left: Left, look: Look, picture: np.ndarray, kind: int) -> np.ndarray:
    """The map (h, w) of one picture, uint8 (size, size, 3)."""
    network = left.trained
    return _maps(network.model, look, network_input(picture, network.normalize), torch.tensor([kind]))[0]


def _maps(model: torch.nn.Module, look: Look, x_BCHW: torch.Tensor, kinds: torch.Tensor) -> np.ndarray:
    method, parts = METHODS[look.method], []
    for x, kind in zip(x_BCHW.split(32), kinds.split(32), strict=True):
        parts.append(method.explain(model, look.layer, x, kind))
    return torch.cat(parts).numpy()


def about(left: Left, name: str) -> str:
    """A convolution in a few words: its kernel and channels."""
    layer = left.trained.model.get_submodule(name)
    kernel = "×".join(map(str, layer.kernel_size))
    return f"{kernel}, {layer.in_channels} → {layer.out_channels}"
