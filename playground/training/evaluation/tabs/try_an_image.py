"""A picture of one's own, from a file or the camera, or Chelsea: what it is taken for, and why."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from core.images import open_square, sample, to_square
from core.training.results import look_at
from playground.charts.training import thumbnail
from playground.components.heatmap_overlay import Laid, overlay
from playground.escaping import literal
from playground.training.evaluation.attribution_controls import choose, map_of, row
from playground.training.evaluation.run_artifacts import Left

LISTED = 5


def show(left: Left) -> None:
    """Where the picture comes from, then its answer. Raises: PlaygroundError if it is no picture."""
    way = st.segmented_control("Where from", list(WAYS), default="Chelsea the cat", required=True, key="own-way")
    picture = WAYS[way](left.trained.size)
    if picture is not None:
        _answer(left, picture)


def _uploaded(size: int) -> np.ndarray | None:
    file = st.file_uploader("A picture", type=["jpg", "jpeg", "png", "webp", "gif", "bmp"], key="own-file")
    return open_square(file.getvalue(), size) if file else None


def _photographed(size: int) -> np.ndarray | None:
    file = st.camera_input("A photograph", key="own-photo")
    return open_square(file.getvalue(), size) if file else None


def _chelsea(size: int) -> np.ndarray:
    return to_square(sample("chelsea"), size)


WAYS: dict[str, Callable[[int], np.ndarray | None]] = {
    "Chelsea the cat": _chelsea,
    "Upload": _uploaded,
    "Camera": _photographed,
}


def _answer(left: Left, picture: np.ndarray) -> None:
    answers = look_at(left.trained, picture)
    best = next(iter(answers))
    look = choose(left, "to", row())
    beside, bars = st.columns([1, 1.4], gap="medium")
    with beside:
        over = None
        if look is not None:
            kind = left.trained.classes.index(best) if look.kind is None else look.kind
            over = map_of(left, look, picture, kind)
        title = f"{best} {answers[best]:.1%}"
        overlay([Laid(thumbnail(picture), title, over)], key="after-own", side=220)
    with bars:
        for name, probability in list(answers.items())[:LISTED]:
            st.progress(probability, f"{literal(name)}: {probability:.1%}")
        st.caption(
            f"This is what the network sees, {left.trained.size}×{left.trained.size} pixels. It can only choose among "
            "what it was shown: everything looks like one of its classes to it."
        )
