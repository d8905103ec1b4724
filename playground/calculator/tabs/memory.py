"""Memory: who holds it through one iteration, what the peak is made of, and how to reduce it."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.model_spec import ModelSpec, Shape
from core.profiler import Profile
from core.profiler.fitting import Device, verdict
from core.profiler.memory.categories import CATEGORIES
from core.profiler.setting import Setting
from playground import units
from playground.calculator.results import Analysis
from playground.calculator.tabs import suggestions
from playground.calculator.text import BAND
from playground.charts.memory import timeline, words
from playground.escaping import literal
from playground.plotly_chart import plotly_chart

CHART_HEIGHT = 270  # pixels
ALT = "Live bytes through one training iteration, layer by layer, stacked by kind."


def show(analysis: Analysis) -> None:
    """The composition of the peak, inference beside it, and the suggestions."""
    profile, device = analysis.profile, analysis.device
    if profile is None:
        st.info("A network that fails at a layer has no training iteration to show: fix it first.")
        return
    left, right = st.columns((1.8, 1), gap="large")
    with left:
        composition(profile)
    with right:
        _inference(profile, device)
        st.caption(BAND)
    st.markdown("## How to reduce memory")
    suggestions.show(analysis)


def chart(analysis: Analysis) -> None:
    """Live bytes through an iteration, small enough to stand beside the cards."""
    if analysis.profile is not None:
        key = analysis.spec, analysis.input_shape, analysis.setting, analysis.device.memory_bytes
        plotly_chart(_timeline(*key, analysis.profile), "ca_timeline", ALT)


@st.cache_resource(max_entries=12, show_spinner=False)  # Plotly checks every value of it; it is only ever looked at
def _timeline(
    spec: ModelSpec, input_shape: Shape, setting: Setting, memory_bytes: int | None, _profile: Profile
) -> go.Figure:
    return timeline(_profile.timeline, memory_bytes, CHART_HEIGHT)


def composition(profile: Profile) -> None:
    """What the fullest moment is made of, and the most that each kind ever holds."""
    peak = profile.training.peak
    layer = literal(" ".join(part for part in (peak.name, peak.kind) if part))
    st.markdown(f"## At the peak: {peak.phase}, {layer}" if layer else f"## At the peak: {peak.phase}")
    rows = [
        {
            "Kind": words(name),
            "At the peak": units.memory(size),
            "Bytes at the peak": size,
            "Share": 100 * size / max(1, peak.peak_bytes),
            "Maximum": units.memory(most),
        }
        for name, size, most in zip(CATEGORIES, peak.at_peak, profile.training.sizes, strict=True)
        if most
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        column_config={
            "Bytes at the peak": st.column_config.NumberColumn(format="localized"),
            "Share": st.column_config.ProgressColumn(format="%.1f %%", min_value=0, max_value=100),
        },
        alt="Bytes by kind at the peak of a training iteration; they add up to the peak.",
    )
    st.caption(f"Total {units.both(peak.peak_bytes)}.")


def _inference(profile: Profile, device: Device) -> None:
    peak, layer = profile.inference_peak_bytes, profile.inference.peak
    st.markdown("## Inference")
    st.markdown(
        f"Inference peaks at **{units.memory(peak)}** ({units.exact(peak)} B), at "
        f"{literal(layer.name) or 'the network'} {layer.kind}: it {verdict(peak, device).word}."
    )
