"""Kernels: a small grid of weights that slides over a picture."""

import streamlit as st

from playground import controls, lesson

with lesson.idea(
    "A kernel slides over the image and computes one number at every position; together these numbers form a new "
    "image, a **feature map**."
):
    from core.lessons.kernels.combination import respond
    from playground.kernels import code_samples, denoising, filter_bank, hidden_kernel, kernel_controls, one_kernel
    from playground.kernels import image_source as sources


@lesson.fragment
def one_kernel_part() -> None:
    presets = controls.preset_row()
    left, stage = lesson.play((1, 2))
    with left:
        picture, title = sources.choose("p_")
        colour = picture.ndim == 3
        kernels = kernel_controls.choose(colour)
        with st.popover("Stride, padding, dilation", icon=":material/straighten:", width="stretch"):
            conv = one_kernel.conv_controls()
        with st.popover("Colour channels, second kernel", icon=":material/stacks:", width="stretch"):
            combination, scale = one_kernel.combination_controls(colour)
    with presets:
        one_kernel.preset_buttons()
    response = None
    with stage, lesson.friendly():
        response = respond(picture, kernels, conv, combination)
        one_kernel.show(picture, response, conv, combination, scale, title)
        one_kernel.formulas(picture, response, conv, combination)
    if response is not None:
        one_kernel.analysis(picture, response, conv)
        lesson.code(code_samples.one_kernel(response, conv, combination.channels, combination.how))
        sources.download(picture, "p_")
        one_kernel.challenges(picture, response)
    lesson.source(one_kernel.source())


lesson.tabs(
    {
        "One kernel": one_kernel_part,
        "A first conv block": filter_bank.section,
        "Denoising": denoising.section,
        "Find the hidden kernel": hidden_kernel.section,
    }
)
