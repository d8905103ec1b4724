"""A surface seen from above with optimizers' paths on it: click, drag or press arrow keys to move where they start."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import streamlit as st

from playground import markup
from playground.components import bundle

_mount = bundle.component("loss_surface")


@dataclass(frozen=True)
class Track:
    """One path: its points (n + 1, 2), the heights there (n + 1,), how it is drawn, and what became of it."""

    name: str
    points: np.ndarray
    heights: np.ndarray
    colour: str
    outcome: str
    lost: bool = False
    dash: str = ""


@dataclass(frozen=True)
class SurfaceFrame:
    """What part of the plane is drawn, and where its minima are."""

    x: tuple[float, float]
    y: tuple[float, float]
    minima: Sequence[tuple[float, float]]


def loss_surface(
    heights: np.ndarray,
    frame: SurfaceFrame,
    start: tuple[float, float],
    tracks: Sequence[Track],
    key: str,
    on_start: Callable[[float, float], None],
) -> None:
    """Draw `heights` (rows, columns) from 0 to 1, top row first, and the tracks; `on_start` gets a new start."""

    def start_changed() -> None:
        with contextlib.suppress(TypeError, ValueError, KeyError, OverflowError):  # a browser can send anything
            x, y, *_ = st.session_state[key].get("start")
            if math.isfinite(float(x)) and math.isfinite(float(y)):
                on_start(float(x), float(y))

    data = {
        "heights": markup.packed(np.rint(heights * 65535), "<u2"),
        "rows": heights.shape[0],
        "columns": heights.shape[1],
        "frame": asdict(frame),
        "start": start,
        "tracks": [_track(track) for track in tracks],
    }
    _mount(data=data, key=key, on_start_change=start_changed)


def _track(track: Track) -> dict[str, object]:
    """Five digits are finer than a pixel; JSON knows no infinity and no NaN, so a path ends before its first."""
    ends = int(np.isfinite(track.points).all(1).cumprod().sum())
    return asdict(track) | {
        "points": [[float(f"{v:.5g}") for v in point] for point in track.points[:ends].tolist()],
        "heights": [float(f"{v:.5g}") if np.isfinite(v) else None for v in track.heights[:ends].tolist()],
    }
