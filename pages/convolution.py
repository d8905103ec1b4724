"""Convolution, one cell at a time: what each output is made of, and what each weight and input is used for."""

import streamlit as st

from playground import lesson

with lesson.idea(
    "Every output cell is one sum of products: a small window of the input times the kernel (a **cross-correlation**). "
    "Choose any cell to see its sum."
):
    from core.lessons.convolution import pytorch_code
    from core.lessons.convolution.challenges import CHALLENGES
    from core.lessons.convolution.same_valid import tensorflow_padding
    from core.shapes import conv_output_size, conv_transpose_output_size
    from playground.components.stepper import stepper
    from playground.convolution import text


@lesson.fragment
def convolution() -> None:
    """The stepper, and what follows from its state."""
    state = stepper()
    if operation := text.operation(state):
        st.markdown(operation)
    lesson.subheader("The size of the output")
    transposed = state.mode == "transposed"
    rule = conv_transpose_output_size if transposed else conv_output_size
    height, width = (text.size_numbers(state, axis) for axis in (0, 1))
    if height != width:
        st.markdown("Height:")
        lesson.formula(rule, height)
        st.markdown("Width:")
    lesson.formula(rule, width, text.TRANSPOSED_SYMBOLS if transposed else text.SYMBOLS)
    if padding := tensorflow_padding(state):
        st.markdown(text.same_and_valid(padding))
    lesson.code(pytorch_code(state))
    for challenge in CHALLENGES:
        lesson.challenge(challenge.task, challenge.solved(state), challenge.hint)


convolution()
lesson.source(
    "Dumoulin & Visin 2016, *A guide to convolution arithmetic for deep learning*, arXiv:1603.07285. "
    "The checkerboard: Odena, Dumoulin & Olah 2016, *Deconvolution and checkerboard artifacts*, Distill. "
    "Inspired by E. Z. Yang's convolution visualizer and CNN Explainer (Wang et al. 2020)."
)
