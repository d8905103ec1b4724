"""What the pooling page draws and says: a shifted picture, a pyramid, a region, and the table of all kinds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.images.center_crop import square
from core.layers.pooling import POOLINGS
from core.lessons import pooling as lab
from core.shapes import pool_output_size
from playground.charts import pooling as charts
from playground.components.inline_svg import inline_svg
from playground.markup import table
from playground.pooling import text
from playground.pooling.settings import REGION_SIDE, PoolingSettings

PYRAMID_SIDE = 64
MAX_POOLINGS = ("Max", "Overlapping max", "Adaptive max")
EXAMPLE_SHAPE = (1, 8, 32, 32)


@st.cache_data(max_entries=100, show_spinner=False)
def picture(name: str, side: int, filtered: bool) -> np.ndarray:
    """The picture with room to shift it, or the feature map of its outlines."""
    view = square(name, side + 2 * lab.MARGIN)
    return lab.feature_map(view) if filtered else view


@st.cache_data(max_entries=200, show_spinner=False)
def unchanged(chosen: PoolingSettings) -> text.Counts:
    """How many values each kind of pooling leaves unchanged, and of how many; the chosen kind as it is set."""
    shift = chosen.shift
    shown = picture(shift.picture, shift.side, shift.filtered)
    return lab.unchanged_by_kind(
        shown, chosen.kind, chosen.knobs, shift.right, shift.down, shift.tolerance, chosen.seed
    )


def compare(chosen: PoolingSettings) -> lab.ShiftComparison:
    shift = chosen.shift
    shown = picture(shift.picture, shift.side, shift.filtered)
    return lab.compare_shift(shown, chosen.kind, chosen.knobs, shift.right, shift.down, chosen.seed)


def shifted(chosen: PoolingSettings) -> None:
    """What one shift changes before and after this pooling, and after every other."""
    shift, counts = chosen.shift, unchanged(chosen)
    by = (shift.right, shift.down)
    st.markdown(text.headline(shift.filtered, by, counts, chosen.kind))
    inline_svg(charts.shifted(compare(chosen), shift.tolerance), key="po-moved")
    st.markdown("**How much of each pooled map is unchanged (shift invariance)**")
    settings = lab.knobs_by_kind(chosen.kind, chosen.knobs, shift.side)
    words = {name: text.setting(knobs) for name, knobs in settings.items()}
    inline_svg(charts.bars(counts, chosen.kind, words), key="po-bars")
    window = text.windows(*chosen.window) + " " if chosen.window else ""
    st.caption(window + text.invariance(by, counts, chosen.kind))


def output_size(chosen: PoolingSettings) -> str:
    """The size formula with the numbers of a window, as LaTeX."""
    kernel, stride = chosen.window
    size, output = chosen.shift.side, pool_output_size(chosen.shift.side, kernel, stride)
    return rf"\left\lfloor\frac{{{size} - {kernel}}}{{{stride}}}\right\rfloor + 1 = {output}"


def is_solved(chosen: PoolingSettings) -> bool:
    """Whether a max pooling keeps more than 80\u00a0% of its values under a shift of 2 to the right."""
    shift = chosen.shift
    same, total = unchanged(chosen)[chosen.kind]
    shifted = (shift.right, shift.down) == (2, 0) and shift.tolerance <= text.MOST_TOLERANCE
    as_required = shifted and chosen.kind in MAX_POOLINGS
    return as_required and same > 0.8 * total


def pyramid(height: int, width: int, levels: int) -> list[np.ndarray]:
    """A map under the grids of a spatial pyramid; returns the maxima, level by level."""
    top, left = (PYRAMID_SIDE - height) // 2, (PYRAMID_SIDE - width) // 2
    view = lab.feature_map(square("chelsea", PYRAMID_SIDE))[top:, left:][:height, :width]
    maxima = lab.pyramid(view, levels)
    inline_svg(charts.pyramid(view, maxima), key="po-pyramid")
    st.markdown(text.pyramid(height, width, maxima))
    return maxima


def pyramid_length(channels: int, levels: Sequence[np.ndarray]) -> str:
    """The length formula with its numbers, as LaTeX."""
    terms = " + ".join(str(level.size) for level in levels)
    length = channels * sum(level.size for level in levels)
    return rf"{channels} \cdot ({terms}) = {length:,}".replace(",", r"{,}")


def region(box: tuple[int, int, int, int], size: int) -> None:
    view = square("chelsea", REGION_SIDE)
    result = lab.pool_region(view, box, size)
    inline_svg(charts.region(view, box, result), key="po-region")
    st.caption(text.region(box, size, result))


@st.cache_data(show_spinner=False)
def all_kinds() -> str:
    """Every pooling, with its output for a batch (1, 8, 32, 32), as a table."""
    return table(
        ("Pooling", "One output value", f"Output for {EXAMPLE_SHAPE}", "Source"),
        (
            (name, f"${entry.formula}$", f"`{lab.output_shape(name, EXAMPLE_SHAPE)}`", entry.paper)
            for name, entry in POOLINGS.items()
        ),
    )
