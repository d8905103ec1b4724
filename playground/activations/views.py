"""What the activation page draws: curves, histograms, a fit, layers beside one matrix, 16-bit outputs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from core.layers.activations import ACTIVATIONS
from core.lessons import activations as lab
from playground.activations import text
from playground.activations.settings import FitSettings, GaussianSettings
from playground.charts import activations as charts
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.components.inline_svg import inline_svg
from playground.markup import table

DASHES = ("", "7 4", "2 3")  # one for each round through the colours
GREY = "#8a93a6"
BOUNDED = ("ReLU", "ReLU6", "Sigmoid", "Hardswish", "SiLU (Swish)")  # whose 16-bit outputs are compared
MAX_SLOPE = 0.25  # of the challenge
curve = st.cache_data(lab.curve, max_entries=300, show_spinner=False)
collapse = st.cache_data(lab.collapse, max_entries=200, show_spinner=False)


@st.cache_data(show_spinner=False)
def gentle() -> set[str]:
    """The activations whose slope is nowhere above a quarter."""
    return {name for name in ACTIVATIONS if lab.steepest_slope(name) <= MAX_SLOPE}


def compare(chosen: Mapping[str, lab.ActivationKnobs], shown: Mapping[str, lab.ActivationCurve]) -> None:
    """Curves and slopes over one cursor; where each is flat is marked, where all are is shaded."""
    line_styles = {name: (PALETTE[i % len(PALETTE)], DASHES[i // len(PALETTE)]) for i, name in enumerate(shown)}
    x = next(iter(shown.values())).x
    shade = lab.ranges(x, np.all([one.saturated for one in shown.values()], axis=0))
    values = [Line(name, one.y, *line_styles[name], one.saturated_ranges) for name, one in shown.items()]
    slopes = [Line(name, one.slope, *line_styles[name], one.saturated_ranges) for name, one in shown.items()]
    curves(x, [Panel("y", values, shade), Panel("dy/dx", slopes, shade)], key="ac-curves", start=1.0)
    st.caption(text.legend(shown, bool(shade)))
    st.markdown(table(text.HEADS, (text.row(name, one) for name, one in shown.items())))
    if steeper := text.beyond(chosen, shown):
        st.caption(steeper)


def batch(name: str, knobs: lab.ActivationKnobs, gaussian: GaussianSettings) -> None:
    """Histograms of a normally distributed batch before and after one activation, and how many pass no gradient."""
    result = lab.gaussian_batch(name, knobs, gaussian.mean, gaussian.deviation, gaussian.seed)
    reach = max(4.0, float(np.ceil(np.abs(result.before).max())))
    before = charts.histogram(result.before, "Before", -reach, reach, GREY)
    after = charts.histogram(result.after, f"After {name}", -reach, reach, PALETTE[0])
    inline_svg(before + after, key="ac-batch")
    st.markdown(text.batch(result))


def fit(chosen: FitSettings, step: lab.FitStep) -> None:
    """The curve that an activation has learned so far, the target, the loss and the learned parameters."""
    lines = [Line("Target", lab.target(chosen.goal), GREY, "5 4"), Line(chosen.name, step.y, PALETTE[0])]
    curves(lab.FIT_X.numpy(), [Panel("y", lines, low=-2.0, high=4.0)], key="ac-fit-curves", start=-2.0)
    st.markdown(text.fit(step))


def one_matrix(depth: int, name: str | None) -> None:
    """How far the outputs of a stack of linear layers are from those of one, where it comes from, and why."""
    result = collapse(name, depth)
    inline_svg(charts.agreement(result.stack[:, 0], result.matrix[:, 0]), key="ac-agreement")
    st.markdown(text.depth_effect(result, depth, name))
    st.caption(text.depth_reason(result, depth, name))
    st.caption("Each dot is the first of the 16 outputs for one input; on the dashed line both agree.")


def sixteen_bits(reach: float) -> None:
    """Each activation's largest output and the spacing of float16 and bfloat16 there."""
    rows = []
    for name in BOUNDED:
        half, brain = (lab.precision(name, (), reach, dtype) for dtype in lab.FORMATS)
        rows.append((name, f"{half.largest:.10g}", f"{half.spacing:.10g}", f"{brain.spacing:.10g}"))
    st.markdown(table(("Activation", "Largest output", "float16 spacing", "bfloat16 spacing"), rows, "->>>"))
    st.caption(text.SIXTEEN_BITS)
