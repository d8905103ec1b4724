"""The cat of the home page: a grey photograph, small enough to see its pixels, without torch or scikit-image."""

from __future__ import annotations

import numpy as np
import streamlit as st
from PIL import Image

from core.images import sample

SIZE = (120, 80)  # width, height
EYE = (31, 53)  # row, column of the output beside which most happens


@st.cache_data(max_entries=1, show_spinner=False)
def cat() -> np.ndarray:
    """The sample `chelsea`, uint8 (80, 120)."""
    grey = Image.fromarray(sample("chelsea")).convert("L")
    return np.asarray(grey.resize(SIZE, Image.Resampling.LANCZOS))
