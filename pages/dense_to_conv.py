"""Fully connected vs. convolution: the same output from a full matrix and from one small kernel."""

import streamlit as st

from playground import controls, lesson

with lesson.idea(
    "A convolution is a fully connected layer with only local weights, and the same weights at every position."
):
    from core.knobs import Knob
    from core.lessons.dense_to_conv.layers import DenseVsConvSetup, compare
    from core.shapes import conv_output_size
    from playground.dense_to_conv import code_samples, views

compare_layers = st.cache_data(compare, max_entries=200, show_spinner=False)


@lesson.fragment
def play() -> None:
    """A drawing into both layers, then shifted."""
    left, stage = lesson.play()
    with left:
        setup = controls.edit(DenseVsConvSetup, "dc_")
        outputs = conv_output_size(setup.size, 3, padding=setup.padding) ** 2
        explained = "Shows the window that it reads and its row of weights."
        knob = Knob(outputs // 2, 0, outputs - 1, label="Selected output", help=explained)
        selected = controls.widget("output", knob, "dc_out")
    comparison = compare_layers(setup)
    with stage:
        views.equivariance(setup, comparison, selected)
        views.matrices(comparison, selected)
    views.formulas(setup)
    lesson.code(code_samples.both_layers(setup, comparison))
    lesson.challenge(
        "Find the setting at which the fully connected layer has exactly **625** weights; the convolution still has 9.",
        solved=comparison.dense_matrix.size == 625,
        hint="625 = 25 × 25: as many outputs as inputs, on the smallest image.",
    )


@lesson.fragment
def cost() -> None:
    left, stage = lesson.play(title="Parameters on a real image")
    with left:
        size = controls.widget("side", Knob(224, 5, 512, label="Image size"), "dc_side")
        channels = controls.pick("Image", {"1": "Grey", "3": "Colour"}, "dc_ch")
        kernel = controls.widget("kernel", Knob(3, 1, 11, step=2, label="Kernel size"), "dc_k")
        maps = controls.widget("maps", Knob(5, 1, 64, label="Output channels"), "dc_maps")
    with stage, lesson.friendly():
        views.parameter_table(size, int(channels), kernel, maps)


play()
cost()
lesson.source(
    "LeCun et al. 1989, *Backpropagation applied to handwritten zip code recognition*; Goodfellow et al. 2016, ch. 9"
)
