"""Upsampling: enlarging a feature map, by a rule or by learned weights, with and without a checkerboard."""

import streamlit as st

from playground import controls, lesson

with lesson.idea(
    "Upsampling enlarges a feature map. If the kernel size is not divisible by the stride, a transposed convolution "
    "creates a checkerboard."
):
    from core.layers.upsampling import UPSAMPLINGS
    from core.shapes import conv_transpose_output_size
    from playground.upsampling import code_samples, text, views
    from playground.upsampling.settings import UpsamplingSettings, choose_row


@lesson.fragment
def enlarge() -> None:
    """One picture, enlarged by every method."""
    beside, stage = lesson.play()
    with beside:
        chosen = controls.edit(UpsamplingSettings, "up_")
    with stage:
        views.methods(chosen)
    with st.expander("How often each output is written", icon=":material/grid_4x4:", expanded=True):
        views.counts(chosen)
    lesson.formula(conv_transpose_output_size, text.output_size(chosen), text.SIZE_SYMBOLS)
    method = controls.pick("Formula and code of", tuple(UPSAMPLINGS), "up_way", default="Transposed convolution")
    lesson.latex(UPSAMPLINGS[method].formula)
    lesson.legend(", ".join(("$x$ = input", "$y$ = output", *UPSAMPLINGS[method].symbols)))
    lesson.code(code_samples.enlarge(chosen, method))
    lesson.challenge(text.CHALLENGE, solved=chosen.is_solved(), hint=text.HINT)
    lesson.source(UPSAMPLINGS[method].paper)


@lesson.fragment
def same_and_valid() -> None:
    """TensorFlow's words for padding, on one row of a picture."""
    lesson.subheader('What "same" and "valid" mean')
    beside, stage = lesson.play()
    with beside:
        row = choose_row()
    with stage, lesson.friendly():
        views.padded_rows(*row)


enlarge()
same_and_valid()
