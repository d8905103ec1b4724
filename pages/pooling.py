"""Pooling: fewer values, and most of them stay the same when the picture is shifted a little."""

import streamlit as st

from playground import lesson

with lesson.idea(
    "Pooling keeps one value per window: the larger the window, the less a small shift changes the output."
):
    from core.layers.pooling import POOLINGS, SpatialPyramidPool2d
    from core.shapes import pool_output_size
    from playground.pooling import code_samples, settings, text, views


@lesson.fragment
def shift_invariance() -> None:
    """A picture and the same picture shifted, both pooled."""
    beside, stage = lesson.play()
    with beside:
        chosen = settings.choose_pooling()
    entry, result = POOLINGS[chosen.kind], views.compare(chosen)
    with stage:
        views.shifted(chosen, result)
    lesson.latex(entry.formula)
    lesson.legend(", ".join(("$y$ = output value", *entry.symbols)))
    if chosen.window:
        lesson.formula(pool_output_size, text.output_size(chosen), text.WINDOW_SYMBOLS)
    lesson.code(code_samples.shift_experiment(chosen, result.pooled.shape))
    lesson.challenge(
        text.CHALLENGE,
        solved=text.is_solved(chosen, result),
        hint="A larger window hides a small shift; so does an image with little variation.",
    )
    lesson.source(f"{chosen.kind}: {entry.paper}")


@lesson.fragment
def spatial_pyramid() -> None:
    """A map of any size becomes a vector of one length."""
    lesson.subheader("Spatial pyramid pooling: any input size, fixed output length")
    beside, stage = lesson.play()
    with beside:
        height, width, channels, levels = settings.choose_pyramid()
    with stage:
        maxima = views.pyramid(height, width, levels)
    lesson.formula(SpatialPyramidPool2d, text.pyramid_length(channels, maxima), text.PYRAMID_SYMBOLS)


@lesson.fragment
def regions_of_interest() -> None:
    """A region of any size becomes a map of one size."""
    lesson.subheader("RoI pooling: a region of any size becomes a fixed size")
    beside, stage = lesson.play()
    with beside:
        box, size = settings.choose_region()
    with stage:
        views.region(box, size)


shift_invariance()
spatial_pyramid()
regions_of_interest()
with st.expander("All kinds of pooling", icon=":material/list:"):
    st.markdown(views.all_kinds())
    st.caption(text.ALL_KINDS)
    lesson.legend(text.all_symbols())
