"""What each layer sees of the input: a frame on a picture that grows from layer to layer, and the figures."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import streamlit as st

from core.images import SAMPLES, sample, to_square
from core.receptive_field import Field, distinct
from playground import controls, lesson
from playground.calculator import results
from playground.calculator.results import Analysis
from playground.components.receptive_field import field

PICTURES = {key: one.title for key, one in SAMPLES.items() if key not in ("edge", "letter_x")}
SMALLEST = 4  # a picture with fewer cells a side shows nothing
WORDS = (
    "The **receptive field** is the part of the input that one output cell depends on. A k×k kernel enlarges it by "
    "(k − 1)·dilation·jump; a stride multiplies the jump, the distance between neighbouring fields. The start is "
    "where the first field begins: negative values lie in the padding. Where paths merge, the largest field counts."
)


@lesson.fragment
def show(analysis: Analysis) -> None:
    """The frame on a sample picture, and a table of all layers."""
    if len(analysis.input_shape) != 3 or min(analysis.input_shape[1:]) < SMALLEST:
        st.info("Receptive fields are shown for images: an input of channels × height × width, at least 4×4.")
        return
    layers = results.fields(analysis.spec, analysis.input_shape)
    st.markdown(WORDS)
    growing = [(name, one) for name, one in distinct(layers) if len(one.sides) == 2]
    beside, stage = st.columns((2.2, 1), gap="large")
    with stage:
        name = controls.pick("Image", PICTURES, "cf_pic")
        height = min(38 + 35 * len(growing), 380)
        st.dataframe(table(growing), hide_index=True, height=height, alt="Receptive field of each layer.")
    with beside:
        alt = "A sample image with the receptive field of one output cell framed."
        sides = analysis.input_shape[1:]
        field(picture(name, max(sides)), sides, growing, alt, key="cf_field")


def table(fields: list[tuple[str, Field]]) -> pd.DataFrame:
    """Size, jump and start of each, both sides where they differ."""
    columns = {"Size": "size", "Jump": "jump", "Start": "start"}
    rows = [
        {"Layer": name} | {title: _both(getattr(side, key) for side in one.sides) for title, key in columns.items()}
        for name, one in fields
    ]
    return pd.DataFrame(rows)


@st.cache_data(max_entries=32, show_spinner=False)
def picture(name: str, longest: int) -> np.ndarray:
    """A sample, uint8 (side, side, 3), about as fine as the input, so that what the network gets can be seen."""
    shown = to_square(sample(name), min(longest, 448))
    return np.repeat(shown[..., None], 3, axis=-1) if shown.ndim == 2 else shown


def _both(values: Iterable[object]) -> str:
    """Two sides as one where they agree."""
    texts = [str(value).replace("-", "−") for value in values]
    return texts[0] if len(set(texts)) == 1 else " × ".join(texts)
