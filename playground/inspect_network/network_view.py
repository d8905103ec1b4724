"""The tab "Network": columns of feature maps from the image to the class scores."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from core.datasets.cachedir import cache_folder
from core.errors import PlaygroundError
from core.file_tensors import FileTensors
from core.lessons.inspect_network import (
    INPUT,
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
)
from core.lessons.inspect_network.fields import Spans
from playground import lesson
from playground.components.feature_columns import (
    ColumnsView,
    NetworkPicture,
    feature_columns,
    ranking,
    view_of,
    visible_columns,
)
from playground.inspect_network import subject_cache, text
from playground.inspect_network.choice import STROKES

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
        view, opened = view_of(KEY), subject
        if view.network == opened.key[0] and 0 <= view.checkpoint < len(subject.checkpoints):
            subject = subject.at(view.checkpoint)
        traced = traced_subject(subject)
        programs = programs_of(opened, traced.layers)
        few = len(traced.columns) <= FEW
        if view.open is None and few:
            view = replace(view, open=tuple(sorted({column.stage for column in traced.columns})))
        dead, tried = dead_of(subject, traced)
        picture = NetworkPicture(
            network=opened.key[0],
            pixels=subject.pixels_HWC,
            name=subject.title,
            x_CHW=subject.x_BCHW[0],
            classes=subject.classes,
            label=subject.label,
            layers=traced.layers,
            columns=traced.columns,
            spans=traced.spans,
            programs=programs,
            checkpoints=[(one.title, one.result) for one in subject.checkpoints],
            checkpoint=subject.checkpoint,
            parts=None if programs else chosen_parts(subject, traced, view),
            draws=subject.is_drawn,
            dead=dead,
            tried=tried,
        )
        feature_columns(picture, view, KEY, _keep)
        st.caption(text.colours(programs is not None, few, first_kernel_channels(traced.columns, view, subject)))
        lesson.latex(lesson.formula_of(Parts))
        lesson.legend(text.SYMBOLS)


def prepare(subject: Subject) -> None:
    """Compute what is shown of a network on an image, so that it is there when somebody opens it."""
    traced = traced_subject(subject)
    programs_of(subject, traced.layers)
    dead_of(subject, traced)


@subject_cache.cached(
    2, own=0, show_spinner="Computing the feature maps …"
)  # 140 MB each of EfficientNet-Lite0, in a file
def traced_subject(subject: Subject) -> TracedSubject:
    """All that is drawn of a subject."""
    with FileTensors(None if subject.is_private else cache_folder("inspected")) as files:
        layers = trace(subject.model, subject.x_BCHW, files.copy)
        columns = columns_of(layers)
        for column in columns:  # while they are in memory
            ranking(layers[column.layers[-1]])
            files.let_go()
    return TracedSubject(layers, columns, _spans(subject, layers, columns))


@subject_cache.cached_of_network(16)
def _spans(
    subject: Subject, _layers: tuple[LayerOutput, ...], _columns: tuple[Column, ...]
) -> tuple[Spans | None, ...]:
    """What the cells of each column see of the image."""
    return spans_of(subject.model, _layers, _columns, tuple(subject.x_BCHW.shape[1:]))


@subject_cache.cached_of_network(16)
def dead_of(subject: Subject, _traced: TracedSubject) -> tuple[dict[int, tuple[int, ...]], int]:
    """Of each column the maps that are zero for all of some images, and how many images."""
    if subject.others is None:
        return {}, 0
    x_BCHW, _ = subject.others(TRIED)
    columns = enumerate(_traced.columns)
    last = {name: at for at, column in columns if (name := _traced.layers[column.layers[-1]].name)}
    dead = dead_maps(subject.model, last, x_BCHW)
    return {last[name]: maps for name, maps in dead.items()}, len(x_BCHW)


@subject_cache.cached_of_network(8)
def programs_of(subject: Subject, _layers: Sequence[LayerOutput]) -> list[list[dict[str, Any]]] | None:
    """What the browser computes: the network at each checkpoint of its training, or as it is; None for a large one."""
    own = program_of(_layers)
    if own is None:
        return None
    numbers = range(len(subject.checkpoints))
    programs = [program_of(trace(subject.at(number).model, subject.x_BCHW)) for number in numbers]
    return [program for program in programs if program is not None] or [own]


def first_kernel_channels(columns: Sequence[Column], view: ColumnsView, subject: Subject) -> int:
    """How many channels the kernels have that are drawn beside the maps they make of the image; 0 where none are."""
    shown = [columns[at] for at in visible_columns(columns, view)]
    reads_image = any(column.kind == "convolution" and column.sources == (INPUT,) for column in shown)
    return subject.x_BCHW.shape[1] if reads_image else 0


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
