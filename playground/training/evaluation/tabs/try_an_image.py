"""An image of one's own, from a file or the camera, or Chelsea: its prediction, and why."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from core.images import open_square, sample, to_square
from core.percent import percent
from core.training.results import classify
from playground import controls
from playground.charts.training import thumbnail
from playground.components.heatmap_overlay import MappedImage, overlay
from playground.escaping import literal
from playground.training.evaluation.attribution_controls import choose, map_of, row
from playground.training.evaluation.run_artifacts import RunArtifacts

LISTED = 5


def show(run: RunArtifacts) -> None:
    """The source of an image, then its prediction. Raises: PlaygroundError if it is no image."""
    source = controls.side_by_side("Source", SOURCES, "own-way")
    pixels = SOURCES[source](run.trained.size)
    if pixels is not None:
        _predict(run, pixels)


def _uploaded(size: int) -> np.ndarray | None:
    file = st.file_uploader("Image", key="own-file")
    return open_square(file, size) if file else None


def _camera(size: int) -> np.ndarray | None:
    file = st.camera_input("Photo", key="own-photo")
    return open_square(file, size) if file else None


def _chelsea(size: int) -> np.ndarray:
    return to_square(sample("chelsea"), size)


SOURCES: dict[str, Callable[[int], np.ndarray | None]] = {
    "Chelsea the cat": _chelsea,
    "Upload": _uploaded,
    "Camera": _camera,
}


def _predict(run: RunArtifacts, pixels: np.ndarray) -> None:
    probabilities = classify(run.trained, pixels)
    best = next(iter(probabilities))
    settings = choose(run, "to", row())
    image, bars = st.columns([1, 1.4], gap="medium")
    with image:
        heat_map = None
        if settings is not None:
            label = run.trained.classes.index(best) if settings.label is None else settings.label
            heat_map = map_of(run, settings, pixels, label)
        title = f"{best} {percent(probabilities[best])}"
        overlay([MappedImage(thumbnail(pixels), title, heat_map)], key="after-own", side=220)
    with bars:
        for name, probability in list(probabilities.items())[:LISTED]:
            st.progress(probability, f"{literal(name)}: {percent(probability)}")
        st.caption(
            f"This is what the network sees: {run.trained.size}×{run.trained.size} pixels. It can only choose among "
            "its classes: anything else is assigned to one of them, too."
        )
