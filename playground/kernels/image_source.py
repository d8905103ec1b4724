"""The input picture: a sample, an upload or a photo of one's own, then preprocessed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.images import SAMPLES, open_picture, resize, sample
from core.knobs import knobs_of
from core.lessons.kernels.preprocessing import CLEAN, Preprocessing
from playground import controls, lesson

UPLOAD, CAMERA = "my own file", "my camera"
OWN_SIDE = 768  # an uploaded picture is kept no larger; every resolution on the page is below


@st.cache_data(max_entries=128, show_spinner=False)
def prepared_sample(name: str, how: Preprocessing) -> np.ndarray:
    """A sample picture, preprocessed; uint8 (H, W) or (H, W, 3)."""
    return how(sample(name))


def choose(
    prefix: str, first: str = "chelsea", noise: bool = True, colour: bool = True, side: int = 256
) -> tuple[np.ndarray, str]:
    """The picture's controls; gives the picture, uint8 (H, W) or (H, W, 3), and its name.

    Without `noise` or `colour` those controls are left out, and it comes clean, or grey; `side` is how long it is at
    first.
    """
    titles = {name: one.title for name, one in SAMPLES.items()} | {UPLOAD: "My own file", CAMERA: "My camera"}
    name = controls.pick("Image", titles, f"{prefix}pic", first)
    own = _own(prefix, name) if name in (UPLOAD, CAMERA) else None
    label = "Noise, crop, resolution" if noise else "Crop, resolution"
    with st.popover(label, icon=":material/tune:", width="stretch"):
        how = _preprocessing(prefix, noise, colour, side)
    if own is not None:
        return how(own), "your image"
    if name in (UPLOAD, CAMERA):
        st.caption(f"Until you choose one: {titles[first]}.")
        name = first
    return prepared_sample(name, how), titles[name]


def download(picture: np.ndarray, prefix: str) -> None:
    """The picture as the file that the page's code reads."""
    lesson.download_png(picture, f"{prefix}png")


def _preprocessing(prefix: str, noise: bool, colour: bool, side: int) -> Preprocessing:
    """The knobs of `Preprocessing`, those without an effect now left out."""
    values = {} if colour else {"colour": False}
    for field, knob in knobs_of(Preprocessing).items():
        if field in values:
            continue
        knob = replace(knob, default=side) if field == "side" else knob
        quiet = (field == "noise" and not noise) or (field == "amount" and values["noise"] == CLEAN)
        whole = field in ("across", "down") and values["crop"] == 100
        values[field] = knob.default if quiet or whole else controls.widget(field, knob, f"{prefix}{field}")
    return Preprocessing(**values)


def _own(prefix: str, source: str) -> np.ndarray | None:
    """The visitor's own picture, opened once and kept small in the session; None until there is one."""
    if source == UPLOAD:
        file = st.file_uploader("Image file", key=f"{prefix}file", label_visibility="collapsed")
    else:
        file = st.camera_input("Photo", key=f"{prefix}camera", label_visibility="collapsed")
    if file is None:
        return None
    slot = f"{prefix}own"
    if st.session_state.get(slot, (None,))[0] != file.file_id:
        st.session_state[slot] = (file.file_id, None)
        with lesson.friendly():
            picture = open_picture(file)
            small = resize(picture, OWN_SIDE) if max(picture.shape[:2]) > OWN_SIDE else picture
            st.session_state[slot] = (file.file_id, small)
    return st.session_state[slot][1]
