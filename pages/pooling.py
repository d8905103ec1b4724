"""Pooling: fewer values, and most of them stay the same when the picture is shifted a little."""

import streamlit as st

from playground import lesson

with lesson.idea(
    "Pooling gives one value per window. A larger max-pooling window tends to leave more of its values unchanged when "
    "the image is shifted a little."
):
    from core.layers.pooling import POOLINGS, SpatialPyramidPool2d
    from core.shapes import pool_output_size
    from playground.pooling import code_samples, settings, text, views

WINDOW_SYMBOLS = "$n$ = input size, $k$ = kernel size, $s$ = stride, $p$ = padding (0 here), $d$ = dilation (1 here)"
PYRAMID_SYMBOLS = "$C$ = channels, $l$ = bins per side of each level"


@lesson.fragment
def shift_invariance() -> None:
    beside, stage = lesson.play()
    with beside:
        chosen = settings.choose_pooling()
    entry = POOLINGS[chosen.kind]
    with stage:
        views.shifted(chosen)
    lesson.latex(entry.formula)
    lesson.legend(", ".join(("$y$ = output value", *entry.symbols)))
    if chosen.window:
        lesson.formula(pool_output_size, views.output_size(chosen), WINDOW_SYMBOLS)
    lesson.code(code_samples.shift_code(chosen))
    lesson.challenge(
        text.CHALLENGE,
        solved=views.is_solved(chosen),
        hint="A larger window hides a small shift; so does an image with little variation.",
    )
    lesson.source(f"{chosen.kind}: {entry.paper}")


@lesson.fragment
def spatial_pyramid() -> None:
    beside, stage = lesson.play(title="Spatial pyramid pooling: any input size, fixed output length")
    with beside:
        height, width, channels, levels = settings.choose_pyramid()
    with stage:
        maxima = views.pyramid(height, width, levels)
    lesson.formula(SpatialPyramidPool2d, views.pyramid_length(channels, maxima), PYRAMID_SYMBOLS)


@lesson.fragment
def regions_of_interest() -> None:
    beside, stage = lesson.play(title="RoI pooling: a region of any size becomes a fixed size")
    with beside:
        box, size = settings.choose_region()
    with stage:
        views.region(box, size)


shift_invariance()
spatial_pyramid()
regions_of_interest()
with st.expander("All kinds of pooling", icon=":material/list:"):
    st.markdown(views.all_kinds())
    st.caption("Only NetVLAD has parameters; all others pool each channel separately.")
    lesson.legend(", ".join(dict.fromkeys(symbol for entry in POOLINGS.values() for symbol in entry.symbols)))
