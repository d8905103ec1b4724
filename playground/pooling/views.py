"""What the pooling page draws: a shifted picture, a pyramid, a region."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.images.center_crop import square
from core.lessons import pooling as lab
from playground.charts import pooling as charts
from playground.components.inline_svg import inline_svg
from playground.pooling import text
from playground.pooling.settings import REGION_SIDE, PoolingSettings, ShiftSettings

PYRAMID_SIDE = 64


@st.cache_data(max_entries=100, show_spinner=False)
def picture(name: str, side: int, filtered: bool) -> np.ndarray:
    """The picture with room to shift it, or the feature map of its outlines."""
    view = square(name, side + 2 * lab.MARGIN)
    return lab.feature_map(view) if filtered else view


@st.cache_data(max_entries=200, show_spinner=False)
def unchanged_by_kind(shift: ShiftSettings, kernel: int, stride: int) -> dict[str, tuple[int, int]]:
    """How many values each kind of pooling leaves unchanged, and of how many."""
    shown = picture(shift.picture, shift.side, shift.filtered)
    return lab.unchanged_by_kind(shown, kernel, stride, shift.right, shift.down, shift.tolerance)


def compare(chosen: PoolingSettings) -> lab.ShiftComparison:
    """The picture and the shifted picture, both pooled."""
    shift = chosen.shift
    shown = picture(shift.picture, shift.side, shift.filtered)
    return lab.compare_shift(shown, chosen.kind, chosen.knobs, shift.right, shift.down, chosen.seed)


def shifted(chosen: PoolingSettings, result: lab.ShiftComparison) -> None:
    """What one shift changes before and after this pooling, and after every other."""
    st.markdown(text.unchanged(chosen.shift, result))
    inline_svg(charts.shifted(result, chosen.shift.tolerance), key="po-moved")
    st.markdown("**How much of each pooled map is unchanged (shift invariance)**")
    inline_svg(charts.bars(unchanged_by_kind(chosen.shift, *(chosen.window or (2, 2))), chosen.kind), key="po-bars")
    if chosen.window:
        st.caption(text.window(*chosen.window))


def pyramid(height: int, width: int, levels: int) -> list[np.ndarray]:
    """A map under the grids of a spatial pyramid; returns the maxima, level by level."""
    top, left = (PYRAMID_SIDE - height) // 2, (PYRAMID_SIDE - width) // 2
    view = lab.feature_map(square("chelsea", PYRAMID_SIDE))[top:, left:][:height, :width]
    maxima = lab.pyramid(view, levels)
    inline_svg(charts.pyramid(view, maxima), key="po-pyramid")
    st.markdown(text.pyramid(height, width, maxima))
    return maxima


def region(box: tuple[int, int, int, int], size: int) -> None:
    """A region on the picture with its bins, and the maximum of each bin."""
    view = square("chelsea", REGION_SIDE)
    inline_svg(charts.region(view, box, lab.pool_region(view, box, size)), key="po-region")
    st.caption(text.region(box, size))


@st.cache_data(show_spinner=False)
def all_kinds() -> str:
    """Every pooling, with its output for a batch (1, 8, 32, 32), as a table."""
    return text.all_kinds({name: lab.output_shape(name, text.EXAMPLE_SHAPE) for name in lab.POOLINGS})
