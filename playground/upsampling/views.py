"""What the upsampling page draws: enlarged pictures, write counts, and windows over a padded row."""

from __future__ import annotations

import streamlit as st

from core.images.center_crop import square
from core.layers.upsampling import UPSAMPLINGS, write_counts
from core.lessons import upsampling as lab
from core.shapes import conv_output_size, same_padding, unread_cells
from playground.charts import upsampling as charts
from playground.components.inline_svg import inline_svg
from playground.upsampling import text
from playground.upsampling.settings import UpsamplingSettings

COUNTED = 12  # outputs per side whose write counts are drawn


@st.cache_data(max_entries=200, show_spinner=False)
def tiles(chosen: UpsamplingSettings) -> str:
    """All methods side by side, each with its response to a uniform input away from the border."""
    small = square(chosen.picture, chosen.side, colour=True)
    pictures, notes = {"Input": small}, {"Input": f"{chosen.side}×{chosen.side}"}
    for name in UPSAMPLINGS:
        pictures[name] = lab.enlarge(small, name, chosen.scale, chosen.kernel)
        notes[name] = text.response(*lab.response_to_ones(name, chosen.scale, chosen.kernel))
    return charts.tiles(pictures, notes)


def methods(chosen: UpsamplingSettings) -> None:
    """The picture enlarged by every method, and whether a checkerboard must appear."""
    inline_svg(tiles(chosen), key="up-tiles")
    st.markdown(text.verdict(chosen))


def counts(chosen: UpsamplingSettings) -> None:
    """How many inputs a transposed convolution adds into each output."""
    kernel, stride = chosen.kernel_size, chosen.scale
    side = COUNTED // stride  # more cells say no more, and take long to draw
    chart, explained = st.columns((1, 1.3), gap="large", vertical_alignment="center")
    with chart:
        counted = write_counts(side, kernel, stride, *chosen.padding)
        inline_svg(charts.write_counts(counted.numpy(), kernel, stride), key="up-hits")
    explained.markdown(text.counts(side, kernel, stride))


def padded_rows(size: int, kernel: int, stride: int) -> None:
    """One row under three paddings, with the windows over it."""
    same, half = same_padding(size, kernel, stride), (kernel // 2, kernel // 2)
    for name, padding in {"valid": (0, 0), "same": same, f"PyTorch, padding={kernel // 2}": half}.items():
        output = conv_output_size(size, kernel, stride, padding)
        unused = unread_cells(size, kernel, stride, padding)
        st.markdown(text.padded_row(name, padding, output, unused))
        label = f"{name}: {output} windows of {kernel} cells over {size} cells"
        inline_svg(charts.windows(size, kernel, stride, *padding, label), key=f"up-{name[:5]}")
    st.caption(text.ASYMMETRIC)
