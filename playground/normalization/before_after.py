"""Every channel of a real layer on a real batch, before and after normalization, with gamma and beta to change."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.layers.normalization import NORMALIZATIONS
from core.lessons.normalization.effects import before_after as lab
from core.lessons.normalization.effects import code_samples
from playground import controls, lesson
from playground.charts import normalization as charts
from playground.components.inline_svg import inline_svg
from playground.normalization import text


@lesson.fragment
def section() -> None:
    st.markdown("The same batch of digits before and after normalization. Change **gamma** and **beta**.")
    beside, stage = lesson.play()
    with beside:
        affine = controls.edit(lab.ChannelAffine, "nb_")
        selection = controls.edit(lab.LayerSelection, "nb_")
    x = lab.convolved(selection.layer, selection.trained, selection.seed)[: selection.batch]
    histograms = lab.compare(selection.norm, selection.activation, x, affine)
    with stage:
        st.markdown(
            f":gray[:material/square: before] and :blue[:material/square: after] {selection.norm} normalization: all "
            f"{x.numel() // x.shape[1]:,} values of each channel, {selection.batch} images of "
            f"{x.shape[2]}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{x.shape[3]}."
        )
        inline_svg("".join(charts.channel(histograms, index) for index in range(lab.CHANNELS)), key="nb-channels")
        st.markdown(text.flat_shares(selection.activation, histograms))
        lesson.latex(NORMALIZATIONS[selection.norm].formula)
        lesson.legend(NORMALIZATIONS[selection.norm].symbols)
    lesson.code(code_samples.before_after_code(selection, affine, x.shape[-1]))
    challenges(selection, affine, histograms)
    lesson.source(
        f"{selection.norm}: {NORMALIZATIONS[selection.norm].paper}. That gamma and beta can undo it: Ioffe & Szegedy "
        "2015, section 3."
    )


def challenges(selection: lab.LayerSelection, affine: lab.ChannelAffine, histograms: lab.ChannelHistograms) -> None:
    left, right = st.columns(2)
    with left:
        is_one = affine.channel != lab.ALL
        change = float(histograms.largest_change[int(affine.channel)]) if is_one else np.inf
        now = f" Now they change by up to {change:.3g} std." if is_one else ""
        lesson.challenge(
            "Choose one channel and let gamma and beta **undo** batch normalization, so that none of its values "
            f"changes by more than 0.2 std.{now}",
            solved=selection.norm == "Batch" and change < 0.2,
            hint="The mean was subtracted, then the result was divided by the std. Both are shown under the channel.",
        )
    with right:
        share = float(histograms.saturated_share[1].mean())
        lesson.challenge(
            "With one slider, make a batch-normalized **ReLU** layer almost dead: at least 95\N{NO-BREAK SPACE}% of "
            "its outputs are 0.",
            solved=selection.norm == "Batch" and selection.activation == "ReLU" and share >= 0.95,
            hint="Where must the mean of all channels be? Nothing prevents training from shifting it there.",
        )
