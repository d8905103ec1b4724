"""What the tab draws: the classes with their pictures, and a picture's prediction with the evidence for it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.lessons.inspect_network import own_classes
from core.percent import percent
from playground import computation_gate, units
from playground.charts import pictures as charts
from playground.charts.training import CaptionedImage, cards, thumbnail
from playground.components.heatmap_overlay import MappedImage, overlay
from playground.escaping import literal
from playground.inspect_network.own_classes import editing
from playground.inspect_network.own_classes.collection import OwnNetwork, collection

SHOWN = 8


def class_form() -> None:
    """A name for another class, or the two examples."""
    form = st.form("inspect-own-class", clear_on_submit=True, border=False)
    with form.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Class name", placeholder="mug", max_chars=200, key=editing.NAME)
        st.form_submit_button("Add", icon=":material/add:", on_click=editing.add_class)
    if not collection().names:
        st.button("Use two example classes", icon=":material/photo_library:", on_click=editing.use_examples)


def one_class(name: str) -> None:
    """A class with its newest pictures and the buttons to take something away."""
    pictures = collection().pictures[name]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{literal(name)}**: {units.counted(len(pictures), 'image')}")
            options = {"type": "tertiary", "on_click": editing.remove_last, "args": (name,), "disabled": not pictures}
            st.button("Remove last", icon=":material/undo:", key=f"inspect-own-undo-{name}", **options)
            options = {"type": "tertiary", "on_click": editing.remove_class, "args": (name,)}
            st.button("Remove class", icon=":material/close:", key=f"inspect-own-remove-{name}", **options)
        if pictures:
            st.html(cards([CaptionedImage(thumbnail(one), "") for one in pictures[: -SHOWN - 1 : -1]], side=64))


def prediction(own: OwnNetwork, pixels: np.ndarray, key: str) -> None:
    """The probabilities of the classes for a picture, and the class-activation map of the first of them."""
    probabilities, heat_map = evidence(own, pixels)
    best = int(np.argmax(probabilities))
    image, bars = st.columns([1, 1.4], gap="medium")
    with image:
        title = f"{own.names[best]} {percent(float(probabilities[best]))}"
        overlay([MappedImage(thumbnail(pixels), title, heat_map)], key=key, side=220)
    rows = (
        charts.bar(name, 100 * float(p), percent(float(p))) for name, p in zip(own.names, probabilities, strict=True)
    )
    bars.html(charts.bars(rows))
    bars.caption("Orange: evidence for this class, blue: against it (class-activation map).")


@computation_gate.in_turn
def evidence(own: OwnNetwork, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (K,) for a picture, and the class-activation map (h, w) of the most likely class."""
    probabilities, heat_map = own_classes.evidence(own.model, pixels)
    return probabilities.numpy(), heat_map.numpy()
