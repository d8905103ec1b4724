"""Upsampling: making a map larger, by rule or by learnt weights, with and without a checkerboard."""

from dataclasses import dataclass

import streamlit as st

from playground import controls, lesson

with lesson.idea("Upsampling makes a map larger. A kernel that its stride does not divide draws a checkerboard on it."):
    from core.images.squares import PHOTOGRAPHS, square
    from core.knobs import Knob, knob
    from core.layers.upsampling import (
        UPSAMPLINGS,
        WEIGHTS,
        code_of,
        hits,
        hits_inside,
        transposed_padding,
        transposed_size,
        weight_lines,
    )
    from core.lessons import upsampling as lab
    from core.shapes import conv_output_size, conv_transpose_output_size, same_padding, unread_cells
    from playground.charts import upsampling as charts
    from playground.components.inline_svg import drawing

SHOWN = 12  # outputs a side whose hits are counted
CODE = """\
import torch
from torch import nn

from core.images.squares import square

picture = torch.tensor(square("{picture}", {side}, colour=True))  # ({side}, {side}, 3), 0..1
x = picture.permute(2, 0, 1)[None]  # (1, 3, {side}, {side})

up = {expression}
{weights}larger = up(x).detach()[0].permute(1, 2, 0)  # ({big}, {big}, 3)"""


@dataclass(frozen=True)
class Setup:
    """The picture, how much larger it becomes, and the kernel of the two ways that learn."""

    scale: int = knob(2, 2, 4, label="scale", help="Stride of the transposed convolution.")
    kernel_size: int = knob(3, 2, 7, label="kernel_size")
    weights: str = knob("even", choices=WEIGHTS, label="weights", help="What the learnt kernels hold at the start.")
    picture: str = knob("chelsea", choices=PHOTOGRAPHS, label="picture")
    side: int = knob(32, 16, 48, step=4, label="picture side")

    @property
    def kernel(self) -> dict[str, int | str]:
        return {"kernel_size": self.kernel_size, "weights": self.weights}


@st.cache_data(max_entries=200, show_spinner=False)
def pictures(setup: Setup) -> str:
    """All ways side by side, each with what it makes of a white picture, away from the rim."""
    small = square(setup.picture, setup.side, colour=True)
    shown, notes = {"the picture": small}, {"the picture": f"{setup.side} × {setup.side}"}
    for name in UPSAMPLINGS:
        shown[name] = lab.enlarge(small, name, setup.scale, setup.kernel)
        low, high = lab.unevenness(name, setup.scale, setup.kernel)
        even = abs(low - 1) + abs(high - 1) < 1e-5
        notes[name] = "white stays white" if even else f"white becomes {low:.3f} to {high:.3f}"
    return charts.tiles(shown, notes)


@st.fragment
def play() -> None:
    beside, stage = lesson.play()
    with beside:
        setup = controls.edit(Setup, "up_")
    kernel, scale = setup.kernel_size, setup.scale
    fewest, most = hits_inside(kernel, scale)
    with stage:
        drawing(pictures(setup), key="up-tiles")
        st.markdown(verdict(kernel, scale, fewest, most))
    padding, output_padding = transposed_padding(kernel, scale)
    with st.expander("Count the hits", icon=":material/grid_4x4:", expanded=True):
        counted, said = st.columns((1, 1.3), gap="large", vertical_alignment="center")
        side = SHOWN // scale  # more cells say no more, and take long to draw
        with counted:
            drawing(charts.hits(hits(side, kernel, scale, padding, output_padding), kernel, scale), key="up-hits")
        said.markdown(
            f"A {side} × {side} input, enlarged by a transposed convolution. Each input writes a {kernel} × {kernel} "
            f"kernel into the output, **{scale}** cells on from its neighbour's; where kernels overlap, they add up. "
            "Each number counts how many inputs wrote there."
        )
    big = transposed_size(setup.side, kernel, scale)
    numbers = (
        rf"({setup.side} - 1) \cdot {scale} - 2 \cdot {padding} + 1 \cdot ({kernel} - 1) + {output_padding} + 1 = {big}"
    )
    lesson.formula(conv_transpose_output_size, numbers)
    way = controls.pick("lines for", tuple(UPSAMPLINGS), "up_way", default="Transposed convolution")
    st.latex(UPSAMPLINGS[way].formula)
    lesson.code(code(setup, way))
    lesson.challenge(
        "Make the checkerboard of the transposed convolution disappear at scale 3, with even weights.",
        solved=scale == 3 and fewest == most and setup.weights == "even",
        hint="Every output must be reached by as many inputs as its neighbour: the stride has to divide the kernel.",
    )
    lesson.source(UPSAMPLINGS[way].paper)


def verdict(kernel: int, scale: int, fewest: int, most: int) -> str:
    if fewest == most:
        return (
            f"Stride {scale} divides kernel {kernel}: inside, **every output gets {most} "
            f"input{'s' if most > 1 else ''}**, and even weights draw no checkerboard."
        )
    return (
        f"Stride {scale} does not divide kernel {kernel}: inside, **some outputs get {fewest} "
        f"input{'s' if fewest != 1 else ''} and others {most}**. That is the checkerboard, before anything is learnt."
    )


def code(setup: Setup, way: str) -> str:
    weights = weight_lines(way, setup.scale, setup.kernel_size, setup.weights)
    return CODE.format(
        picture=setup.picture,
        side=setup.side,
        expression=code_of(way, 3, setup.scale, setup.kernel_size),
        weights=weights + "\n" if weights else "",
        big=setup.side * setup.scale,
    )


@st.fragment
def same_and_valid() -> None:
    """What TensorFlow's words mean, on one row of a picture."""
    st.subheader('What "same" and "valid" mean', anchor=False)
    beside, stage = lesson.play()
    with beside:
        size = controls.widget("size", Knob(9, 4, 24, label="input side"), "up_n")
        kernel = controls.widget("kernel", Knob(4, 1, 7, label="kernel_size"), "up_k")
        stride = controls.widget("stride", Knob(2, 1, 4, label="stride"), "up_s")
    ways = {
        "valid": ((0, 0), "no padding; the last cells may go unread"),
        "same": (same_padding(size, kernel, stride), "padding so that the output has ceil(n / s) cells"),
        f"PyTorch, padding={kernel // 2}": ((kernel // 2, kernel // 2), "the same number of zeros on each side"),
    }
    with stage, lesson.friendly():
        for name, (padding, words) in ways.items():
            out = conv_output_size(size, kernel, stride, padding)
            unread = unread_cells(size, kernel, stride, padding)
            st.markdown(
                f"**{name}**: {words}. {padding[0]} before, {padding[1]} after, **{out}** outputs, "
                f"{unread} {'cell' if unread == 1 else 'cells'} unread."
            )
            label = f"{name}: {out} windows of {kernel} cells over {size} cells"
            drawing(charts.windows(size, kernel, stride, *padding, label), key=f"up-{name[:5]}")
        st.caption(
            'PyTorch knows `padding="same"` only with stride 1; elsewhere pad unevenly with `nn.ZeroPad2d` as drawn.'
        )


play()
same_and_valid()
