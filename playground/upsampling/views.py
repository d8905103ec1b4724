"""What the upsampling page draws and says: enlarged pictures, write counts, and windows over a padded row."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.images.center_crop import PHOTOGRAPHS, square
from core.knobs import knob
from core.layers.upsampling import (
    UPSAMPLINGS,
    WEIGHTS,
    code_of,
    transposed_padding,
    transposed_size,
    weight_lines,
    write_count_range,
    write_counts,
)  # fmt: skip
from core.lessons import upsampling as lab
from core.shapes import conv_output_size, same_padding, unread_cells
from playground import units
from playground.charts import upsampling as charts
from playground.components.inline_svg import inline_svg

COUNTED = 12  # outputs per side whose write counts are drawn
PADDINGS = {
    "valid": "no padding; the last cells may stay unused",
    "same": "padding such that the output has ⌈*n* / *s*⌉ cells (*n* = input size, *s* = stride)",
}
SYMMETRIC = "the same number of zeros at both ends"
CODE = """\
import torch
from torch import nn

from core.images.center_crop import square

picture = torch.tensor(square("{picture}", {side}, colour=True))  # ({side}, {side}, 3), 0..1
x = picture.permute(2, 0, 1)[None]  # (1, 3, {side}, {side})

up = {expression}
{weights}larger = up(x).detach()[0].permute(1, 2, 0)  # ({big}, {big}, 3)"""


@dataclass(frozen=True)
class UpsamplingSettings:
    """The picture, how much larger it becomes, and the kernel of the two learnable methods."""

    scale: int = knob(2, 2, 4, help="Enlargement factor; for a transposed convolution, its stride.")
    kernel_size: int = knob(3, 2, 7)
    weights: str = knob(
        "uniform",
        choices={name: name.capitalize() for name in WEIGHTS},
        label="Initial weights",
        help="Weights of the learnable kernels before any training.",
    )
    picture: str = knob("chelsea", choices=PHOTOGRAPHS)
    side: int = knob(32, 16, 48, step=4, label="Image size", help="Side length before upsampling, in pixels.")

    @property
    def kernel(self) -> dict[str, int | str]:
        """The knobs of the learnable methods."""
        return {"kernel_size": self.kernel_size, "weights": self.weights}

    @property
    def padding(self) -> tuple[int, int]:
        """Padding and output padding of the transposed convolution."""
        return transposed_padding(self.kernel_size, self.scale)

    @property
    def write_counts(self) -> tuple[int, int]:
        """The fewest and the most inputs that are added into an output away from the border."""
        return write_count_range(self.kernel_size, self.scale)

    def is_solved(self) -> bool:
        """Whether a transposed convolution of stride 3 and uniform weights leaves no checkerboard."""
        fewest, most = self.write_counts
        return self.scale == 3 and fewest == most and self.weights == "uniform"


@st.cache_data(max_entries=200, show_spinner=False)
def tiles(chosen: UpsamplingSettings) -> str:
    """All methods side by side, each with its response to a uniform input away from the border."""
    small = square(chosen.picture, chosen.side, colour=True)
    pictures, notes = {"Input": small}, {"Input": f"{chosen.side}×{chosen.side}"}
    for name in UPSAMPLINGS:
        pictures[name] = lab.enlarge(small, name, chosen.scale, chosen.kernel)
        low, high = lab.response_to_ones(name, chosen.scale, chosen.kernel)
        is_uniform = abs(low - 1) + abs(high - 1) < 1e-5
        notes[name] = (
            "uniform input stays uniform" if is_uniform else f"uniform input 1 becomes {low:.3f} to {high:.3f}"
        )
    return charts.tiles(pictures, notes)


def methods(chosen: UpsamplingSettings) -> None:
    """The picture enlarged by every method, whether a checkerboard must appear, and why."""
    inline_svg(tiles(chosen), key="up-tiles")
    kernel, stride, (fewest, most) = chosen.kernel_size, chosen.scale, chosen.write_counts
    if fewest == most:
        st.markdown(
            f"Kernel size {kernel} is divisible by stride {stride}: away from the border **every output is the sum of "
            f"{units.counted(most, 'input')}**, and uniform weights create no checkerboard."
        )
    else:
        st.markdown(
            f"Kernel size {kernel} is not divisible by stride {stride}: away from the border **some outputs are the "
            f"sum of {units.counted(fewest, 'input')}, others of {most}**. That is the checkerboard, before any "
            "training."
        )


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


def enlarge_code(chosen: UpsamplingSettings, method: str) -> str:
    """A program that enlarges the picture as it is drawn."""
    weights = weight_lines(method, chosen.scale, chosen.kernel_size, chosen.weights)
    return CODE.format(
        picture=chosen.picture,
        side=chosen.side,
        expression=code_of(method, 3, chosen.scale, chosen.kernel_size),
        weights=weights + "\n" if weights else "",
        big=chosen.side * chosen.scale,
    )


def padded_rows(size: int, kernel: int, stride: int) -> None:
    """One row under three paddings, with the windows over it, and what each padding does to it."""
    same, half = same_padding(size, kernel, stride), (kernel // 2, kernel // 2)
    for name, padding in {"valid": (0, 0), "same": same, f"PyTorch, padding={kernel // 2}": half}.items():
        output, (before, after) = conv_output_size(size, kernel, stride, padding), padding
        unused = units.counted(unread_cells(size, kernel, stride, padding), "cell")
        st.markdown(
            f"**{name}**: {PADDINGS.get(name, SYMMETRIC)}. {before} before, {after} after, **{output}** outputs, "
            f"{unused} unused."
        )
        label = f"{name}: {output} windows of {kernel} cells over {size} cells"
        inline_svg(charts.windows(size, kernel, stride, before, after, label), key=f"up-{name[:5]}")
    st.caption(
        'PyTorch supports `padding="same"` only with stride 1; otherwise pad asymmetrically with `nn.ZeroPad2d`, as '
        "drawn."
    )
