"""What the page draws and says: outputs and matrices of both layers, and their parameter counts."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.lessons.dense_to_conv import layers
from core.lessons.dense_to_conv.layers import DenseVsConv, DenseVsConvSetup
from core.shapes import conv_output_size
from playground import lesson
from playground.charts import dense_to_conv as charts
from playground.components.inline_svg import inline_svg
from playground.markup import table

SYMBOLS = (
    r"$P$ = number of parameters, $n_\text{in}$, $n_\text{out}$ = number of inputs and outputs, $k$ = kernel size, "
    r"$C_\text{in}$, $C_\text{out}$ = channels; the terms in brackets are the bias"
)

CODE = """\
import torch
from torch import nn

x = torch.tensor({image})  # ({size}, {size})

conv = nn.Conv2d(1, 1, kernel_size=3, padding={padding}, bias=False)
conv.weight.data = torch.tensor({kernel})[None, None]
output = conv(x[None, None])[0, 0]  # ({side}, {side})

dense = nn.Linear({inputs}, {outputs}, bias=False)
parameters = dense.weight.numel(), conv.weight.numel()  # {dense_parameters:,} and 9"""


def equivariance(comparison: DenseVsConv, selected: int) -> None:
    """Both outputs before and after the shift, and how many values shifted with the input."""
    conv_same, total = layers.equivariant_cells(comparison, comparison.conv_output)
    dense_same, _ = layers.equivariant_cells(comparison, comparison.dense_output)
    inline_svg(charts.outputs(comparison, selected), key="dc-outputs")
    st.markdown(
        "Both layers give the **same output** for the drawing above. Then it is shifted; of the "
        f"{total} values that should simply shift with it, **{conv_same} do in the convolution** (translation "
        f"equivariance) and **{dense_same} in the fully connected layer**, which has learned the output for one "
        "position only."
    )


def matrices(comparison: DenseVsConv, selected: int) -> None:
    """The two weight matrices, a row for each output and a column for each input."""
    conv_matrix, dense_matrix = comparison.conv_matrix, comparison.dense_matrix
    distinct, nonzero = len(np.unique(conv_matrix[conv_matrix != 0])), np.count_nonzero(conv_matrix)
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        values = f"{distinct} different weights" if distinct > 1 else "one weight"
        st.markdown(f"**Convolution as a matrix**: {values} in {nonzero:,} positions, 0 elsewhere")
        inline_svg(charts.matrix(conv_matrix, selected, "Matrix of the convolution: few weights, repeated in a band"))
    with right:
        st.markdown(f"**Fully connected layer**: {dense_matrix.size:,} weights, all independent")
        inline_svg(
            charts.matrix(dense_matrix, selected, "Matrix of the fully connected layer: every weight is different")
        )
    st.caption("Each row is one output, each column one input cell; the framed row belongs to the output selected.")


def both_layers_code(setup: DenseVsConvSetup, comparison: DenseVsConv) -> str:
    """A program that leaves the convolution's `output` and the `parameters` of both layers."""
    inputs, outputs = comparison.image.size, comparison.output.size
    return CODE.format(
        image=_nested_list(comparison.image),
        kernel=_nested_list(np.array(layers.KERNELS[setup.kernel])),
        size=setup.size,
        padding=setup.padding,
        side=len(comparison.output),
        inputs=inputs,
        outputs=outputs,
        dense_parameters=inputs * outputs,
    )


def _nested_list(values: np.ndarray) -> str:
    """A tensor's rows as Python text, a line each."""
    return "[\n" + "".join(f"    {[float(value) for value in row]},\n" for row in values) + "]"


def formulas(setup: DenseVsConvSetup) -> None:
    """The parameters of both layers with this moment's numbers."""
    inputs = setup.size**2
    outputs = conv_output_size(setup.size, 3, padding=setup.padding) ** 2
    numbers = rf"{inputs} \cdot {outputs} = {layers.dense_parameters(inputs, outputs):,}".replace(",", r"{,}")
    lesson.formula(layers.dense_parameters, numbers)
    lesson.formula(layers.conv_parameters, r"3 \cdot 3 \cdot 1 \cdot 1 = 9 \quad\text{(10 with bias)}", SYMBOLS)


def parameter_table(size: int, channels: int, kernel: int, maps: int) -> None:
    """Parameters of a neuron, a fully connected layer and a convolution for an image of real size."""
    side, inputs = conv_output_size(size, kernel), size * size * channels
    neuron, conv = layers.dense_parameters(inputs, 1), layers.conv_parameters(channels, maps, kernel)
    full = layers.dense_parameters(inputs, side * side * maps, bias=True)
    rows = (
        ("One neuron, without bias", "1", f"**{neuron:,}**"),
        ("Fully connected layer", f"{maps}×{side}×{side}", f"**{full:,}**"),
        (f"`Conv2d`, {kernel}×{kernel}", f"{maps}×{side}×{side}", f"**{conv:,}**"),
    )
    st.markdown(table(("Layer", "Outputs", "Parameters"), rows, "-->"))
    st.markdown(
        f"A single neuron connected to every value of the {size}×{size} image has **{neuron:,}** weights. The whole "
        f"convolution has **{conv:,}** parameters, and would have as many on an image ten times as large."
    )
