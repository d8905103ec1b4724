"""Convolution, one cell at a time: what each output is made of, and what each weight and input is used for."""

import streamlit as st

from playground import lesson

with lesson.idea(
    "Every output cell is one sum of products: a small window of the input times the kernel. "
    "Point at any cell to see its sum."
):
    from core.lessons.convolution import Stepper, lines
    from core.lessons.convolution.challenges import CHALLENGES
    from core.shapes import conv_output_size, conv_transpose_output_size
    from playground.components.stepper import stepper

AXES = ("height", "width")


def numbers(state: Stepper, axis: int) -> str:
    """The size formula of one side with this moment's numbers, in LaTeX."""
    now = state.effective
    size, kernel, stride, dilation = (getattr(now, n)[axis] for n in ("size", "kernel", "stride", "dilation"))
    before, after = now.ends(axis)
    side = state.output_size[axis]
    if now.mode == "transposed":
        extra = now.output_padding[axis]
        return rf"({size} - 1)\cdot{stride} - 2\cdot{before} + {dilation}\cdot({kernel} - 1) + {extra} + 1 = {side}"
    inside = rf"{size} + ({before} + {after}) - {dilation}\cdot({kernel} - 1) - 1"
    return rf"\left\lfloor\frac{{{inside}}}{{{stride}}}\right\rfloor + 1 = {side}"


@st.fragment
def convolution() -> None:
    state = stepper()
    st.subheader("The size of the output", anchor=False)
    rule = conv_transpose_output_size if state.mode == "transposed" else conv_output_size
    texts = [numbers(state, axis) for axis in (0, 1)]
    for axis in (0,) if texts[0] == texts[1] else (0, 1):
        if texts[0] != texts[1]:
            st.markdown(f"Along the {AXES[axis]}:")
        lesson.formula(rule, texts[axis])
    lesson.code(lines(state))
    for challenge in CHALLENGES:
        lesson.challenge(challenge.task, challenge.solved(state), challenge.hint)


convolution()
lesson.source(
    "Dumoulin & Visin 2016, *A guide to convolution arithmetic for deep learning*, arXiv:1603.07285. "
    "The checkerboard: Odena, Dumoulin & Olah 2016, *Deconvolution and checkerboard artifacts*, Distill. "
    "Two fine ancestors of this page: E. Z. Yang's convolution visualizer and CNN Explainer (Wang et al. 2020)."
)
