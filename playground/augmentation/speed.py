"""What the recipe costs on this machine, measured on a click."""

from __future__ import annotations

import streamlit as st

from core.augmentation import Augmentations, speed
from core.augmentation.speed import PICTURES, ROUNDS, SIDE, Speed
from playground import lesson
from playground.augmentation import settings
from playground.charts import augmentation as charts

MEASURED, ASKED = "augmentation speed", "augmentation speed asked for"  # in the session's state


@st.fragment
def section() -> None:
    """A button, and pictures a second of the recipe on the first tab."""
    recipe = settings.remembered()
    names = ", ".join(settings.title(name) for name in recipe.active) or "nothing"
    st.markdown(
        f"A network waits for its pictures. The recipe of the nine draws ({names}) on batches of {PICTURES} pictures, "
        f"{SIDE}\u00a0×\u00a0{SIDE}, on this machine's CPU, beside the same batch through nothing at all:"
    )
    st.button("Measure", icon=":material/timer:", key="as-measure", on_click=ask)
    if st.session_state.pop(ASKED, False):
        with st.spinner("Measuring …"):
            st.session_state[MEASURED] = recipe, speed.measure(recipe)
    measured_for, found = st.session_state.get(MEASURED, (None, None))
    if found is None:
        return
    if measured_for != recipe:
        st.caption("Measured for another recipe: measure again.")
    show(measured_for, found)
    lesson.source("Measured, not computed: other work on this machine slows it down, so measure more than once.")


def ask() -> None:
    st.session_state[ASKED] = True


def show(recipe: Augmentations, found: Speed) -> None:
    rows = [("nothing", found.nothing)]
    rows += sorted(((settings.title(name), each) for name, each in found.alone.items()), key=lambda row: -row[1])
    if len(found.alone) > 1:
        rows.append(("all of the recipe", found.recipe))
    st.html(charts.speed_bars(rows))
    st.caption(f"Pictures a second, the median of {ROUNDS} batches each; each change alone, then all together.")
    if recipe.active:
        extra = 1000 * PICTURES * (1 / found.recipe - 1 / found.nothing)
        st.markdown(f"The recipe adds about **{max(extra, 0):.1f} ms** to each batch of {PICTURES}.")
