"""The maps of all chosen methods over the image, and one of them with its formula and its lines."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from core.errors import PlaygroundError
from core.explain import METHODS
from core.lessons.inspect_network import Subject
from core.lessons.inspect_network.why import Explanation, explain
from playground import controls, lesson, markup, notebook
from playground.charts.pictures import bound_of
from playground.components.heatmap_overlay import MappedImage, overlay
from playground.inspect_network import subject_cache
from playground.inspect_network.why import code_samples, text
from playground.inspect_network.why.settings import WhySettings, none_chosen

SIDE = 168


def show(subject: Subject, chosen: WhySettings) -> None:
    """One picture a method, each coloured by its own largest value."""
    if none_chosen(chosen.methods):
        return
    results = {name: explained(subject, name, chosen.layer, chosen.label) for name in chosen.methods}
    image = markup.data_uri(subject.pixels_HWC)
    overlay(
        [MappedImage(image, "The image"), *(_mapped(image, *one) for one in results.items())], key="why-maps", side=SIDE
    )
    if possible := [name for name, one in results.items() if one.map is not None]:
        st.caption(text.colours(subject.classes[chosen.label], possible))
        _one(subject, chosen, possible, results)


def _mapped(image: str, name: str, result: Explanation) -> MappedImage:
    """The map over the image, or in its place why there is none."""
    if result.map is None:
        return MappedImage("", name, reason=text.sentence(result.reason))
    return MappedImage(image, name, result.map, bound=bound_of(result.map))


@subject_cache.cached(256, own=16, show_spinner="Explaining …")
def explained(subject: Subject, method: str, layer: str, label: int) -> Explanation:
    """Equal subjects are explained once."""
    return explain(subject, method, layer if METHODS[method].takes_layer else "", label)


def _one(subject: Subject, chosen: WhySettings, possible: list[str], results: Mapping[str, Explanation]) -> None:
    """One of the `possible` methods: formula, this image's numbers, and the lines that compute them."""
    name = controls.pick("Formula and code of", possible, "wf", room=0)
    method, result = METHODS[name], results[name]
    st.markdown(f"{method.blurb} {text.largest(result)}")
    lesson.latex(lesson.formula_of(method.function))
    lesson.legend(text.SYMBOLS[name])
    _lines(subject, chosen, name)
    lesson.source(f"{name}: {method.paper}")


def _lines(subject: Subject, chosen: WhySettings, name: str) -> None:
    """The program, and the two files that it reads; or why there is none."""
    try:
        lines = program(subject, name, chosen.layer, chosen.label)
    except PlaygroundError as error:
        st.caption(f"No code for this network: {error}")
        return
    lesson.code(lines, "The same in PyTorch", expanded=False)
    files = {
        "network.safetensors": partial(code_samples.network_file, subject),
        "image.safetensors": partial(code_samples.image_file, subject),
    }
    with st.container(horizontal=True):
        for file, content in files.items():
            label, kind = f"Download {file} (used by this code)", "application/octet-stream"
            st.download_button(label, content, file, kind, f"why-{file}", icon=":material/download:", on_click="ignore")
            notebook.record("file", content, file)


@subject_cache.cached(64)
def program(subject: Subject, method: str, layer: str, label: int) -> str:
    return code_samples.program_of(subject, method, layer, label)
