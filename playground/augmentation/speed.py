"""The speed of the recipe on this machine, measured on a click."""

from __future__ import annotations

import streamlit as st

from core.augmentation import AUGMENTATIONS, Augmentations, speed
from core.augmentation.speed import IMAGES, REPEATS, SIDE, Throughput
from playground import lesson
from playground.augmentation import settings, text
from playground.charts import augmentation as charts

MEASURED, REQUESTED = "augmentation speed", "augmentation speed requested"  # in the session's state


@lesson.fragment
def section() -> None:
    recipe = settings.remembered()
    names = ", ".join(AUGMENTATIONS[name].title for name in recipe.active) or "no augmentation"
    st.markdown(
        f"A network has to wait for its data. The recipe of the random samples ({names}) on batches of {IMAGES} "
        f"images, {SIDE}\u00a0×\u00a0{SIDE}, on the CPU of this machine, compared with the same batch without "
        f"augmentation:"
    )
    st.button("Measure", icon=":material/timer:", key="as-measure", on_click=request)
    if st.session_state.pop(REQUESTED, False):
        with st.spinner("Measuring …"):
            st.session_state[MEASURED] = recipe, speed.measure(recipe)
    measured_recipe, throughput = st.session_state.get(MEASURED, (None, None))
    if throughput is None:
        return
    if measured_recipe != recipe:
        st.caption("Measured for another recipe: measure again.")
    show(measured_recipe, throughput)
    lesson.source("Measured, not computed: other processes on this machine slow it down, so measure more than once.")


def request() -> None:
    st.session_state[REQUESTED] = True


def show(recipe: Augmentations, throughput: Throughput) -> None:
    rows = [("no augmentation", throughput.baseline)]
    alone = ((AUGMENTATIONS[name].title, speed_) for name, speed_ in throughput.alone.items())
    rows += sorted(alone, key=lambda row: -row[1])
    if len(throughput.alone) > 1:
        rows.append(("whole recipe", throughput.recipe))
    st.html(charts.speed_bars(rows))
    st.caption(f"Images per second, the median of {REPEATS} batches; each transform alone, then all together.")
    if recipe.active:
        st.markdown(text.extra_time(throughput))
