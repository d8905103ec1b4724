"""Upsampling: enlarging a feature map, by a rule or by learned weights, with and without a checkerboard."""

import streamlit as st

from playground import controls, lesson

with lesson.idea(
    "Upsampling enlarges a feature map. If the kernel size is not divisible by the stride, a transposed convolution "
    "with equal weights creates a checkerboard."
):
    from core.knobs import Knob
    from core.layers.upsampling import UPSAMPLINGS
    from core.shapes import conv_transpose_output_size
    from playground.upsampling import code_samples, views
    from playground.upsampling.settings import UpsamplingSettings

SYMBOLS = (
    "$n$ = input size, $s$ = stride, $p$ = padding, $d$ = dilation (1 here), $k$ = kernel size, $o$ = output padding"
)


@lesson.fragment
def enlarge() -> None:
    beside, stage = lesson.play()
    with beside:
        chosen = controls.edit(UpsamplingSettings, "up_")
    with stage:
        views.methods(chosen)
    with st.expander("How often each output is written", icon=":material/grid_4x4:", expanded=True):
        views.counts(chosen)
    lesson.formula(conv_transpose_output_size, views.output_size(chosen), SYMBOLS)
    method = controls.pick("Formula and code of", tuple(UPSAMPLINGS), "up_way", default="Transposed convolution")
    lesson.latex(UPSAMPLINGS[method].formula)
    lesson.legend(", ".join(("$x$ = input", "$y$ = output", *UPSAMPLINGS[method].symbols)))
    lesson.code(code_samples.enlarge_code(chosen, method))
    lesson.challenge(
        "Make the checkerboard of the transposed convolution disappear at scale 3, with uniform weights.",
        solved=chosen.is_solved(),
        hint="Every output must be written as often as its neighbours: the kernel size must be divisible by the "
        "stride.",
    )
    lesson.source(UPSAMPLINGS[method].paper)


@lesson.fragment
def same_and_valid() -> None:
    beside, stage = lesson.play(title='What "same" and "valid" mean')
    with beside:
        row = (
            controls.widget("size", Knob(9, 4, 24, label="Input size"), "up_n"),
            controls.widget("kernel", Knob(4, 1, 7, label="Kernel size"), "up_k"),
            controls.widget("stride", Knob(2, 1, 4), "up_s"),
        )
    with stage, lesson.friendly():
        views.padded_rows(*row)


enlarge()
same_and_valid()
