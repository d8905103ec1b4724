"""Inside the network: what a layer gives for one picture, and how much of the picture really moves one of its cells."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.explain import EffectiveField, convolutions, effective_field, feature_maps
from core.training.results import network_input
from playground import controls, lesson
from playground.charts import explain
from playground.charts.pictures import bound_of
from playground.training.evaluation.attribution_controls import about, row
from playground.training.evaluation.run_artifacts import Left

MAPS = 24  # shown at most
AVERAGED = 16  # pictures over which influence is measured
HALF, NEARLY_ALL = 0.5, 0.95


def show(left: Left) -> None:
    """A convolution and a picture to choose; its maps, and its field of view as theory and as training have it."""
    layers = convolutions(left.trained.model)
    if not layers:
        st.info("This network has no convolution to look into.")
        return
    with row():
        names = {name: f"{name}: {about(left, name)}" for name in layers}
        layer = controls.pick("Convolution", names, "ti_at", layers[len(layers) // 2])
        place = _picture(left)
    _maps(left, layer, place)
    with lesson.friendly():
        _field(left, layer)


def _picture(left: Left) -> int:
    """One of the first validation pictures, the classes taking turns as they lie."""
    places = sorted(one.index for one in left.found)
    number = st.number_input("Validation picture", 1, len(places), 1, key="ti-picture", width=160)
    return places[number - 1]


def _maps(left: Left, layer: str, place: int) -> None:
    picture = left.data.images[place].permute(1, 2, 0).numpy()
    maps = given(left, layer, place)
    order = np.argsort(-np.abs(maps).mean((1, 2)), kind="stable")[:MAPS]
    bound = bound_of(maps)
    st.html(explain.map_tiles(picture, maps[order], order.tolist(), bound))
    shown = "all" if len(order) == len(maps) else f"the {len(order)} that are strongest"
    st.caption(
        f"{len(maps)} maps of {maps.shape[1]}×{maps.shape[2]} before normalization and activation, {shown}. "
        f"Orange is positive, blue negative, full colour at ±{bound:.3g}."
    )


def _field(left: Left, layer: str) -> None:
    found = field(left, layer)
    picture, words = st.columns([1, 1.6], gap="large", vertical_alignment="center")
    picture.html(explain.field_picture(found.influence.numpy(), found.window))
    size = " × ".join(str(side) for side in dict.fromkeys(found.theoretical))
    half, most = found.side_holding(HALF), found.side_holding(NEARLY_ALL)
    words.markdown(
        f"**In theory** a cell of this layer sees {size} pixels a side (frame: what of it lies inside the picture). "
        f"**In truth** half of all influence lies within a square of **{half}**, {NEARLY_ALL:.0%} of it within "
        f"**{most}** pixels a side."
    )
    words.caption(
        f"Measured: how much each pixel moves the middle cell ({found.cell[0] + 1}, {found.cell[1] + 1}), by autograd, "
        f"mean over {AVERAGED} validation pictures. Luo et al. 2016, arXiv:1701.04128."
    )
    with words:
        st.latex(lesson.formula_of(effective_field))


@st.cache_data(max_entries=16, show_spinner=False)
def given(left: Left, layer: str, place: int) -> np.ndarray:
    """The maps (C, h, w) of a layer for one picture of the set."""
    network = left.trained
    picture = left.data.images[place].permute(1, 2, 0).numpy()
    return feature_maps(network.model, layer, network_input(picture, network.normalize))[0].numpy()


@st.cache_resource(max_entries=16, show_spinner="Measuring what moves this layer …")
def field(left: Left, layer: str) -> EffectiveField:
    """The effective receptive field of a layer over some validation pictures."""
    network, places = left.trained, sorted(one.index for one in left.found)[:AVERAGED]
    return effective_field(network.model, layer, network.normalize(left.data.images[places]))
