"""Memory: who holds it through one iteration, what the peak is made of, and what makes it smaller."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.profiler.fitting import Device, verdict
from core.profiler.memory.categories import CATEGORIES
from playground import units
from playground.calculator.results import Asked, Facts
from playground.calculator.tabs import suggestions
from playground.charts.memory import timeline, words
from playground.plotly_chart import plotly_chart

BAND = (
    "Tensor bytes are exact. The overhead of the process (CUDA context, libraries, workspaces, allocator "
    "fragmentation) can only be given as a range."
)
ALT = "Live bytes through one training iteration, layer by layer, stacked by kind."


def show(asked: Asked, found: Facts, device: Device) -> None:
    """The timeline, the composition of the peak, inference beside it, and the suggestions."""
    if found.profile is None:
        st.info("A network that fails at a layer has no training iteration to show: fix it first.")
        return
    plotly_chart(timeline(found.profile.timeline, device.memory_bytes), "ca_timeline", ALT)
    left, right = st.columns((1.8, 1), gap="large")
    with left:
        composition(found)
    with right:
        _inference(found, device)
        st.caption(BAND)
    st.markdown("##### How to reduce memory")
    suggestions.show(asked, found, device)


def composition(found: Facts) -> None:
    """What the fullest moment is made of, and the most that each kind ever holds."""
    peak = found.profile.training.peak
    layer = " ".join(part for part in (peak.name, peak.kind) if part)
    st.markdown(f"##### At the peak: {peak.phase}, {layer}" if layer else f"##### At the peak: {peak.phase}")
    rows = [
        {
            "Kind": words(name),
            "At the peak": units.decimal(size),
            "Bytes at the peak": size,
            "Share": size / max(1, peak.peak_bytes),
            "Maximum": units.decimal(most),
        }
        for name, size, most in zip(CATEGORIES, peak.at_peak, found.profile.training.sizes, strict=True)
        if most
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "Bytes at the peak": st.column_config.NumberColumn(format="localized"),
            "Share": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
        },
        alt="Bytes by kind at the peak of a training iteration; they add up to the peak.",
    )
    st.caption(f"Total {units.both(peak.peak_bytes)}.")


def _inference(found: Facts, device: Device) -> None:
    peak = found.profile.inference_peak_bytes
    told = verdict(peak, device)
    st.markdown("##### Inference")
    st.markdown(
        f"Inference peaks at **{units.decimal(peak)}** ({units.exact(peak)} B = {units.binary(peak)}), at "
        f"{found.profile.inference.peak.name or 'the network'} {found.profile.inference.peak.kind}: it {told.word}."
    )
