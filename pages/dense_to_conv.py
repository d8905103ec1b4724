"""Dense against convolution: the same answer from a full matrix and from one small kernel."""

import streamlit as st

from playground import controls, lesson

with lesson.idea("A convolution is a dense layer that keeps only the near weights and uses the same ones everywhere."):
    import numpy as np

    from core.knobs import Knob
    from core.lessons.dense_to_conv import layers
    from core.shapes import conv_output_size
    from playground.charts import dense as charts
    from playground.components.inline_svg import drawing

compare = st.cache_data(layers.compare, max_entries=200, show_spinner=False)

CODE = """\
import torch
from torch import nn

x = torch.tensor({picture})  # ({size}, {size})

conv = nn.Conv2d(1, 1, kernel_size=3, padding={padding}, bias=False)
conv.weight.data = torch.tensor({kernel})[None, None]
answer = conv(x[None, None])[0, 0]  # ({side}, {side})

dense = nn.Linear({inputs}, {outputs}, bias=False)
parameters = dense.weight.numel(), conv.weight.numel()  # {dense_count:,} and 9"""


@st.fragment
def play() -> None:
    beside, stage = lesson.play()
    with beside:
        setup = controls.edit(layers.Setup, "dc_")
        side = conv_output_size(setup.size, 3, padding=setup.padding)
        output = Knob(
            side * side // 2,
            0,
            side * side - 1,
            label="output",
            help="Follow one output: its window, its row of weights.",
        )
        cell = controls.widget("output", output, "dc_out")
    found = compare(setup)
    conv_same, total = layers.followed_cells(found, found.conv_moved)
    dense_same, _ = layers.followed_cells(found, found.dense_moved)
    with stage:
        drawing(charts.answers(found, cell), key="dc-answers")
        st.markdown(
            f"Both layers give the **same answer** to the drawing above. Then it moves, and of the {total} values that "
            f"should simply move along, **{conv_same} do in the convolution** and **{dense_same} in the dense layer**: "
            "it learnt the answer for one place, and knows nothing of any other."
        )
        matrices(found, cell)
    formulas(setup, side)
    code(setup, found, side)
    weights = layers.dense_parameters(setup.size**2, side**2)
    lesson.challenge(
        "Find the setting at which the dense layer needs exactly **625** weights. The convolution still has 9.",
        solved=weights == 625,
        hint="625 = 25 × 25: as many outputs as inputs, on the smallest picture.",
    )


def matrices(found: layers.Comparison, cell: int) -> None:
    """The two weight matrices, a row for each output and a column for each input."""
    used, places = np.unique(found.conv_matrix[found.conv_matrix != 0]), np.count_nonzero(found.conv_matrix)
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        distinct = f"{len(used)} different numbers" if len(used) > 1 else "one number"
        st.markdown(f"**Convolution as a matrix**: {distinct} at {places:,} places, the rest 0")
        drawing(charts.matrix(found.conv_matrix, cell, "The convolution's matrix: few numbers, repeated in a band"))
    with right:
        st.markdown(f"**Dense layer**: {found.dense_matrix.size:,} numbers, all free")
        drawing(charts.matrix(found.dense_matrix, cell, "The dense layer's matrix: every weight of its own"))
    st.caption("One row an output, one column an input cell; the framed row is the output followed above.")


def formulas(setup: layers.Setup, side: int) -> None:
    inputs, outputs = setup.size**2, side**2
    lesson.formula(layers.dense_parameters, rf"{inputs} \cdot {outputs} = {inputs * outputs:,}".replace(",", r"{,}"))
    lesson.formula(layers.conv_parameters, r"3 \cdot 3 \cdot 1 \cdot 1 = 9 \quad\text{(10 with bias)}")


def code(setup: layers.Setup, found: layers.Comparison, side: int) -> None:
    lesson.code(
        CODE.format(
            picture=rows(found.picture),
            kernel=rows(np.array(layers.KERNELS[setup.kernel])),
            size=setup.size,
            padding=setup.padding,
            side=side,
            inputs=setup.size**2,
            outputs=side**2,
            dense_count=setup.size**2 * side**2,
        )
    )


def rows(values: np.ndarray) -> str:
    """A tensor's rows as Python text, a line each."""
    return "[\n" + "".join(f"    {[float(value) for value in row]},\n" for row in values) + "]"


@st.fragment
def cost() -> None:
    """Parameter counts for pictures of real size."""
    st.subheader("What it costs on a real picture", anchor=False)
    beside, stage = lesson.play()
    with beside:
        size = controls.widget("side", Knob(224, 5, 512, label="picture side"), "dc_side")
        channels = controls.pick("picture", {"1": "grey", "3": "colour"}, "dc_ch")
        kernel = controls.widget("kernel", Knob(3, 1, 11, step=2, label="kernel_size"), "dc_k")
        maps = controls.widget("maps", Knob(5, 1, 64, label="output maps"), "dc_maps")
    if kernel > size:
        stage.error(f"A {kernel}x{kernel} kernel does not fit a {size}x{size} picture: choose a smaller kernel.")
        return
    side, inputs = conv_output_size(size, kernel), size * size * int(channels)
    neuron, full = layers.dense_parameters(inputs, 1), layers.dense_parameters(inputs, side * side * maps, bias=True)
    conv = layers.conv_parameters(int(channels), maps, kernel)
    with stage:
        st.markdown(
            f"| layer | answers | parameters |\n|---|---|---:|\n"
            f"| one dense neuron, without bias | 1 number | **{neuron:,}** |\n"
            f"| dense layer | {maps} maps of {side} × {side} | **{full:,}** |\n"
            f"| Conv2d, {kernel} × {kernel} | {maps} maps of {side} × {side} | **{conv:,}** |"
        )
        st.markdown(
            f"A single dense neuron that sees the whole {size} × {size} picture has **{neuron:,}** weights. The whole "
            f"convolution has **{conv:,}** parameters, and would have as many on a picture ten times as large."
        )


play()
cost()
lesson.source(
    "LeCun et al. 1989, *Backpropagation applied to handwritten zip code recognition*; Goodfellow et al. 2016, ch. 9"
)
