"""What the page draws and says: outputs and matrices of both layers, and their parameter counts."""

from __future__ import annotations

import streamlit as st

from core.lessons.dense_to_conv import layers
from core.lessons.dense_to_conv.layers import DenseVsConv, DenseVsConvSetup
from core.shapes import conv_output_size
from playground import lesson
from playground.charts import dense_to_conv as charts
from playground.components.inline_svg import inline_svg
from playground.dense_to_conv import text
from playground.markup import table

SYMBOLS = (
    r"$P$ = number of parameters, $n_\text{in}$, $n_\text{out}$ = number of inputs and outputs, $k$ = kernel size, "
    r"$C_\text{in}$, $C_\text{out}$ = channels; the terms in brackets are the bias"
)


def equivariance(setup: DenseVsConvSetup, comparison: DenseVsConv, selected: int) -> None:
    """Both outputs before and after the shift, and how many values shifted with the input."""
    inline_svg(charts.outputs(comparison, selected), key="dc-outputs")
    st.markdown(text.equivariance(setup, comparison))


def matrices(comparison: DenseVsConv, selected: int) -> None:
    """The two weight matrices, a row for each output and a column for each input."""
    conv_matrix, dense_matrix = comparison.conv_matrix, comparison.dense_matrix
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        st.markdown(text.conv_matrix(conv_matrix))
        inline_svg(charts.matrix(conv_matrix, selected, "Matrix of the convolution: few values, repeated in a band"))
    with right:
        st.markdown(f"**Fully connected layer**: {dense_matrix.size:,} weights, all independent")
        inline_svg(charts.matrix(dense_matrix, selected, "Matrix of the fully connected layer: no weight is shared"))
    st.caption("Each row is one output, each column one input cell; the framed row belongs to the output selected.")


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
