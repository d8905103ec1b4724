"""The tab "Network": columns of feature maps from the image to the class scores."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from core.errors import PlaygroundError
from core.lessons.inspect_network import (
    INCLUDED,
    Column,
    LayerOutput,
    Parts,
    Subject,
    columns_of,
    dead_maps,
    parts_of,
    program_of,
    spans_of,
    trace,
    training_snapshots,
)
from core.lessons.inspect_network.fields import Spans
from playground import computation_gate, lesson
from playground.components.feature_columns import ColumnsView, NetworkPicture, feature_columns, view_of
from playground.inspect_network import text
from playground.inspect_network.choice import DRAWN, STROKES

KEY = "network-columns"
FEW = 16  # columns that are all unfolded at first
TRIED = 32  # images by which dead maps are known


@dataclass(frozen=True, eq=False)
class TracedSubject:
    """Every output of a network for one image, as columns, and what each sees of the image."""

    layers: tuple[LayerOutput, ...]
    columns: tuple[Column, ...]
    spans: tuple[Spans | None, ...]


@lesson.fragment
def show(subject: Subject) -> None:
    """The network on the image; what is chosen in it is computed by the server only where the browser cannot."""
    with lesson.friendly():
        traced = traced_subject(subject.key, subject)
        programs = programs_of(subject, traced.layers)
        few = len(traced.columns) <= FEW
        view = view_of(KEY, tuple(sorted({column.stage for column in traced.columns})) if few else ())
        steps = steps_of(subject)
        dead, tried = dead_of(subject.key[0], subject, traced)
        picture = NetworkPicture(
            network=subject.key[0],
            pixels=subject.pixels_HWC,
            name=subject.title,
            x_CHW=subject.x_BCHW[0],
            classes=subject.classes,
            label=subject.label,
            layers=traced.layers,
            columns=traced.columns,
            spans=traced.spans,
            programs=programs,
            steps=steps,
            parts=None if programs else chosen_parts(subject, traced, view),
            draws=subject.title == DRAWN,
            dead=dead,
            tried=tried,
        )
        feature_columns(picture, view, KEY, _keep)
        st.caption(text.colours(programs is not None, few))
        lesson.latex(lesson.formula_of(Parts))
        lesson.legend(text.SYMBOLS)


@st.cache_resource(max_entries=2, show_spinner="Computing the feature maps …")  # 80 MB each of EfficientNet-Lite0
@computation_gate.in_turn
def traced_subject(key: tuple[str, ...], _subject: Subject) -> TracedSubject:
    """All that is drawn of a subject; `key` stands for it."""
    layers = trace(_subject.model, _subject.x_BCHW)
    columns = columns_of(layers)
    spans = spans_of(_subject.model, layers, columns, tuple(_subject.x_BCHW.shape[1:]))
    return TracedSubject(layers, columns, spans)


@st.cache_data(max_entries=16, show_spinner=False)
@computation_gate.in_turn
def dead_of(network: str, _subject: Subject, _traced: TracedSubject) -> tuple[dict[int, tuple[int, ...]], int]:
    """Of each column the maps that are zero for all of some images, and how many images; `network` stands for it."""
    if _subject.others is None:
        return {}, 0
    x_BCHW, _ = _subject.others(TRIED)
    columns = enumerate(_traced.columns)
    last = {name: at for at, column in columns if (name := _traced.layers[column.layers[-1]].name)}
    dead = dead_maps(_subject.model, last, x_BCHW)
    return {last[name]: maps for name, maps in dead.items()}, len(x_BCHW)


def programs_of(subject: Subject, layers: Sequence[LayerOutput]) -> list[list[dict[str, Any]]] | None:
    """What the browser computes: the network at each step of its training that was kept; None for a large one."""
    last = program_of(layers)
    if last is None:
        return None
    earlier = training_snapshots(subject.key[0])[:-1] if subject.key[0] in INCLUDED else ()
    programs = [program_of(trace(snapshot.model, subject.x_BCHW)) for snapshot in earlier]
    return [*(program for program in programs if program is not None), last]


def steps_of(subject: Subject) -> list[tuple[int, int, int]] | None:
    """Step, test images recognized and test images, of each; None where only the trained network is known."""
    name = subject.key[0]
    if name not in INCLUDED:
        return None
    return [(one.step, one.right, INCLUDED[name].tests) for one in training_snapshots(name)]


def chosen_parts(subject: Subject, traced: TracedSubject, view: ColumnsView) -> Parts | None:
    """What the chosen map is made of; None where none is, or where it cannot be taken apart."""
    if view.chosen is None:
        return None
    with contextlib.suppress(PlaygroundError, IndexError):
        return parts_of(traced.layers, traced.columns, subject.x_BCHW[0], *view.chosen)
    return None


def _keep(grey: np.ndarray) -> None:
    """What was drawn, for the other tabs."""
    st.session_state[STROKES] = grey
