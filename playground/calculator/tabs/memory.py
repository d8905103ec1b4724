"""Memory: who holds it through one iteration, what the peak is made of, and what makes it smaller."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.profiler.fitting import Device, verdict
from core.profiler.memory.categories import CATEGORIES
from playground import units
from playground.calculator.results import Asked, Facts
from playground.calculator.tabs import suggestions
from playground.charts.memory import legend, timeline, words
from playground.escaping import literal

BAND = (
    "The bytes of tensors are exact. What a process takes besides (the device's context, libraries, work space of "
    "convolutions, rounding and gaps of the allocator) nobody can know beforehand: it is stated as a band, apart."
)
ALT = "Live bytes through one iteration of training, layer after layer, stacked by what they are."


def show(asked: Asked, found: Facts, device: Device) -> None:
    """The timeline, the composition of the peak, inference beside it, and the remedies."""
    if found.profile is None:
        st.info("A network that stops in the middle has no iteration to draw: mend it first.")
        return
    st.html(legend(found.profile.timeline))
    chart = timeline(found.profile.timeline, device.memory_bytes)
    st.vega_lite_chart(chart.data, chart.spec, key="ca_timeline", alt=ALT)
    left, right = st.columns((1.8, 1), gap="large")
    with left:
        composition(found)
    with right:
        _inference(found, device)
        st.caption(BAND)
    st.markdown("##### What makes it smaller")
    suggestions.show(asked, found, device)


def composition(found: Facts) -> None:
    """What the fullest moment is made of, and the most that each kind ever holds."""
    peak = found.profile.training.peak
    layer = literal(" ".join(part for part in (peak.name, peak.kind) if part))
    st.markdown(f"##### At the peak: {peak.phase}, {layer}" if layer else f"##### At the peak: {peak.phase}")
    rows = [
        {
            "what": words(name),
            "peak": units.decimal(size),
            "bytes at the peak": size,
            "share": size / max(1, peak.peak_bytes),
            "most ever": units.decimal(most),
        }
        for name, size, most in zip(CATEGORIES, peak.at_peak, found.profile.training.sizes, strict=True)
        if most
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "bytes at the peak": st.column_config.NumberColumn(format="localized"),
            "share": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
        },
        alt="Bytes by kind at the fullest moment of an iteration; they add up to the peak.",
    )
    st.caption(f"Together {units.both(peak.peak_bytes)}.")


def _inference(found: Facts, device: Device) -> None:
    peak = found.profile.inference_peak_bytes
    told = verdict(peak, device)
    st.markdown("##### Without training")
    st.markdown(
        f"Inference peaks at **{units.decimal(peak)}** ({units.exact(peak)} B = {units.binary(peak)}), at "
        f"{literal(found.profile.inference.peak.name) or 'the network'} {found.profile.inference.peak.kind}: it "
        f"{told.word}."
    )
