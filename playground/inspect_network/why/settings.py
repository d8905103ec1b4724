"""What is explained, by which methods, at which layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.explain import METHODS
from core.lessons.inspect_network import Subject
from core.lessons.inspect_network.why import layers_of, probabilities_of
from playground import controls
from playground.inspect_network.why import text

PREDICTED = "predicted"
LARGE_SIDE = 128  # pixels, from which on a network's image takes seconds to explain by many passes
ONE_PASS = tuple(name for name, method in METHODS.items() if method.passes == 1)


@dataclass(frozen=True)
class WhySettings:
    """The class to find the evidence for, the layer for the methods that take one, and the methods in their order."""

    label: int
    layer: str
    methods: tuple[str, ...]


def choose(subject: Subject) -> WhySettings:
    """The prediction in words, and the controls."""
    probabilities = probabilities_of(subject)
    st.markdown(text.prediction(subject.classes, probabilities, subject.label))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = _class(subject, probabilities)
        layers = layers_of(subject)
        layer = controls.pick("Layer", text.layers(layers), "wl", room=0) if layers else ""
    methods = controls.pick_several("Methods", list(METHODS), *_methods(subject))
    return WhySettings(label, layer, tuple(name for name in METHODS if name in methods))


def _class(subject: Subject, probabilities: np.ndarray) -> int:
    names = {PREDICTED: "Predicted class"} | {str(k): text.quoted(name) for k, name in enumerate(subject.classes)}
    chosen = controls.pick("Evidence for", names, "wc", room=0)
    return int(probabilities.argmax()) if chosen == PREDICTED else int(chosen)


def _methods(subject: Subject) -> tuple[str, list[str]]:
    """The word in the address bar and the default: with large images those that take one pass."""
    if is_large(subject):
        return "wml", list(ONE_PASS)
    return "wm", list(METHODS)


def is_large(subject: Subject) -> bool:
    return max(subject.x_BCHW.shape[-2:]) >= LARGE_SIDE


def none_chosen(methods: Sequence[str]) -> bool:
    """Whether no method is chosen; then the page says so."""
    if not methods:
        st.info("Choose a method above.")
    return not methods
