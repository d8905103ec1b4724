"""Feature maps of a layer for one image, and its effective receptive field."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.explain import EffectiveField, convolutions, effective_field, feature_maps
from core.percent import percent
from core.training.results import network_input
from playground import computation_gate, controls, lesson
from playground.charts import explain
from playground.charts.pictures import bound_of
from playground.training.evaluation.attribution_controls import describe_layer, row
from playground.training.evaluation.run_artifacts import RunArtifacts

MAPS = 24  # shown at most
AVERAGED = 16  # images over which influence is measured
HALF, NEARLY_ALL = 0.5, 0.95


def show(run: RunArtifacts) -> None:
    """A convolution and an image to choose; its maps, and its field of view as theory and as training have it."""
    layers = convolutions(run.trained.model)
    if not layers:
        st.info("This network has no convolutional layer.")
        return
    with row():
        names = {name: f"{name}: {describe_layer(run, name)}" for name in layers}
        layer = controls.pick("Layer", names, "ti_at", layers[len(layers) // 2])
        index = _picture(run)
    _maps(run, layer, index)
    with lesson.friendly():
        _field(run, layer)


def _picture(run: RunArtifacts) -> int:
    """One of the first validation images, the classes taking turns as they lie."""
    indices = sorted(one.index for one in run.predictions)
    common = {"key": "ti-picture", "bind": controls.LINK, "width": 160}
    number = st.number_input("Validation image", 1, len(indices), 1, **common)
    return indices[number - 1]


def _maps(run: RunArtifacts, layer: str, index: int) -> None:
    picture = run.data.images[index].permute(1, 2, 0).numpy()
    maps = maps_of_layer(run, layer, index)
    order = np.argsort(-np.abs(maps).mean((1, 2)), kind="stable")[:MAPS]
    bound = bound_of(maps)
    st.html(explain.map_tiles(picture, maps[order], order.tolist(), bound))
    shown = "" if len(order) == len(maps) else f"; the {len(order)} strongest are shown"
    st.caption(
        f"{len(maps)} feature maps of {maps.shape[1]}×{maps.shape[2]}, before normalization and activation{shown}. "
        f"Orange: positive; blue: negative; full colour at ±{bound:.3g}."
    )


def _field(run: RunArtifacts, layer: str) -> None:
    erf = field(run, layer)
    picture, words = st.columns([1, 1.6], gap="large", vertical_alignment="center")
    picture.html(explain.field_picture(erf.influence.numpy(), erf.window))
    size = "×".join(map(str, erf.theoretical))
    half, most = erf.side_holding(HALF), erf.side_holding(NEARLY_ALL)
    words.markdown(
        f"**In theory** the receptive field is {size} pixels (frame: the part inside the image). **Effectively** half "
        f"of the influence lies within **{half}×{half}** pixels, {percent(NEARLY_ALL, 0)} within "
        f"**{most}×{most}**."
    )
    words.caption(
        f"Effective receptive field of the centre cell (row {erf.cell[0]}, column {erf.cell[1]}): gradient with "
        f"respect to each pixel (autograd), mean over {AVERAGED} validation images; Luo et al. 2016, arXiv:1701.04128."
    )
    with words:
        lesson.latex(lesson.formula_of(effective_field))
        lesson.legend(LEGEND)


LEGEND = (
    "$E$ = influence of a pixel, $B$ = images, $x_{bcij}$ = channel $c$ of pixel $(i, j)$ of image $b$, "
    "$A_{bk}(m, n)$ = map $k$ at the centre cell"
)


@computation_gate.cached(16)
def maps_of_layer(run: RunArtifacts, layer: str, index: int) -> np.ndarray:
    """The maps (C, h, w) of a layer for one image of the set."""
    network = run.trained
    picture = run.data.images[index].permute(1, 2, 0).numpy()
    return feature_maps(network.model, layer, network_input(picture, network.normalize))[0].numpy()


@st.cache_resource(max_entries=16, show_spinner="Measuring the effective receptive field …")
@computation_gate.in_turn
def field(run: RunArtifacts, layer: str) -> EffectiveField:
    """The effective receptive field of a layer over some validation images."""
    network, indices = run.trained, sorted(one.index for one in run.predictions)[:AVERAGED]
    return effective_field(network.model, layer, network.normalize(run.data.images[indices]))
