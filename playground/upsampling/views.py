"""What the upsampling page draws: enlarged pictures, write counts, and windows over a padded row."""

from __future__ import annotations

import streamlit as st

from core.images.center_crop import square
from core.layers.upsampling import UPSAMPLINGS, transposed_size, write_counts
from core.lessons import upsampling as lab
from core.shapes import conv_output_size, same_padding, unread_positions
from playground.charts import upsampling as charts
from playground.components.inline_svg import inline_svg
from playground.upsampling import text
from playground.upsampling.settings import UpsamplingSettings

COUNTED = 12  # outputs per side whose write counts are drawn


def response_to_ones(chosen: UpsamplingSettings, method: str) -> tuple[float, float]:
    return lab.response_to_ones(method, chosen.scale, chosen.kernel)


@st.cache_data(max_entries=200, show_spinner=False)
def tiles(chosen: UpsamplingSettings) -> str:
    """All methods side by side, each with its response to a uniform input away from the border."""
    small = square(chosen.picture, chosen.side, colour=True)
    pictures, notes = {"Input": small}, {"Input": f"{chosen.side}×{chosen.side}"}
    for name in UPSAMPLINGS:
        pictures[name] = lab.enlarge(small, name, chosen.scale, chosen.kernel)
        notes[name] = text.response(response_to_ones(chosen, name))
    return charts.tiles(pictures, notes)


def methods(chosen: UpsamplingSettings) -> None:
    """The picture enlarged by every method, whether a checkerboard must appear, and why."""
    inline_svg(tiles(chosen), key="up-tiles")
    of_ones = response_to_ones(chosen, "Transposed convolution")
    st.markdown(text.checkerboard(chosen.kernel_size, chosen.scale, chosen.weights, chosen.write_counts, of_ones))


def counts(chosen: UpsamplingSettings) -> None:
    """How many inputs a transposed convolution adds into each output."""
    kernel, stride = chosen.kernel_size, chosen.scale
    side = COUNTED // stride  # more cells say no more, and take long to draw
    chart, explained = st.columns((1, 1.3), gap="large", vertical_alignment="center")
    with chart:
        counted = write_counts(side, kernel, stride, *chosen.padding)
        inline_svg(charts.write_counts(counted.numpy(), kernel, stride), key="up-hits")
    explained.markdown(
        f"A {side}×{side} input, enlarged by a transposed convolution. Each input value adds a {kernel}×{kernel} "
        f"kernel to the output, **{stride}** cells from its neighbour's. The numbers count how many kernels overlap in "
        "each output cell."
    )


def output_size(chosen: UpsamplingSettings) -> str:
    """The size formula of the transposed convolution with its numbers, as LaTeX."""
    size, kernel, stride, (padding, output_padding) = chosen.side, chosen.kernel_size, chosen.scale, chosen.padding
    output = transposed_size(size, kernel, stride)
    return (
        rf"({size} - 1) \cdot {stride} - 2 \cdot {padding} + 1 \cdot ({kernel} - 1) + {output_padding} + 1 = {output}"
    )


def padded_rows(size: int, kernel: int, stride: int) -> None:
    """One row under three paddings, with the windows over it, and what each padding does to it."""
    for name, padding in paddings(size, kernel, stride).items():
        output = conv_output_size(size, kernel, stride, padding)
        unread = unread_positions(size, kernel, stride, padding)
        st.markdown(text.padded_row(name, padding, output, unread, size))
        label = f"{name}: {output} windows of {kernel} cells over {size} cells"
        inline_svg(charts.windows(size, kernel, stride, padding, unread, label), key=f"up-{name[:5]}")
    st.caption(
        'PyTorch supports `padding="same"` only with stride 1; otherwise pad asymmetrically with `nn.ZeroPad2d`, as '
        "drawn."
    )


def paddings(size: int, kernel: int, stride: int) -> dict[str, tuple[int, int]]:
    """Cells before and after the row, for each of the paddings that are compared."""
    half = kernel // 2
    return {"valid": (0, 0), "same": same_padding(size, kernel, stride), f"PyTorch, padding={half}": (half, half)}
