"""What the initialization page draws: bands over seeds, drawn weights, hidden units, the table of schemes."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st
from torch import Tensor

from core.layers.activations import ACTIVATIONS
from core.layers.initialization import INITIALIZATIONS, fans
from core.lessons.initialization import signal_propagation, symmetry
from core.lessons.initialization.fan_arithmetic import LayerShape
from core.lessons.initialization.signal_propagation import KnobValues, LinearStack, SignalStatistics
from playground import lesson
from playground.charts import initialization as charts
from playground.charts.activations import histogram
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.components.inline_svg import inline_svg
from playground.initialization import text
from playground.plotly_chart import plotly_chart

ALT = (
    "Heat map: by how many powers of ten the standard deviation changes through the layers, for each initialization "
    "scheme (row) and activation (column)."
)
COMPARED = ("Orthogonal", "LSUV", "Kaiming normal")

signal = st.cache_data(signal_propagation.signal, max_entries=500, show_spinner=False)
_train = st.cache_data(symmetry.train_hidden_units, max_entries=200, show_spinner=False)
_before_activation = st.cache_data(signal_propagation.before_activation, max_entries=200, show_spinner=False)


def through_layers(stack: LinearStack, statistics: SignalStatistics) -> None:
    """Mean and variance of every layer, over many seeds, beside theory."""
    panels = [
        charts.band("Variance of outputs", statistics.band("variance"), statistics.variance_theory, log=True),
        charts.band("Mean of outputs", statistics.band("mean"), statistics.mean_theory),
    ]
    curves(range(stack.depth + 1), panels, "in-signal", "layer", stack.depth)


def theory(stack: LinearStack, name: str, knobs: KnobValues) -> None:
    """The theory with this moment's numbers, or the scheme's formula where there is none."""
    numbers = text.theory_with_numbers(stack, name, knobs)
    if numbers is None:
        lesson.latex(text.scheme(name))
        lesson.legend(", ".join(INITIALIZATIONS[name].symbols))
    else:
        lesson.formula(signal_propagation.theory, numbers, text.THEORY_SYMBOLS)


def fan_arithmetic(shape: LayerShape, name: str, weight: Tensor, knobs: KnobValues) -> None:
    """Both fans with numbers, the scheme, and the weights it draws."""
    lesson.latex(lesson.formula_of(fans))
    lesson.latex(text.fans_with_numbers(shape, weight))
    lesson.latex(text.scheme(name))
    lesson.legend(", ".join((text.FAN_SYMBOLS, *INITIALIZATIONS[name].symbols)))
    reach = float(weight.abs().max()) or 1.0
    inline_svg(histogram(weight.flatten().numpy(), "Weights", -reach, reach, PALETTE[0], digits=4), key="in-weights")
    st.markdown(text.drawn_weights(name, weight, knobs))


def hidden_units(name: str, knobs: KnobValues, steps: int) -> None:
    """The weights of 8 hidden units before and after training."""
    run = _train(name, knobs, steps)
    before = charts.units(run.before, "8 hidden units at the start")
    after = charts.units(run.after, f"After {steps} training steps")
    inline_svg(before + after, key="in-units")
    st.markdown(text.symmetry(run))
    st.caption(text.EQUAL_UNITS)


def scales(depth: int) -> None:
    """Every scheme with every activation."""
    with st.container(key="wide-chart"):  # page.css: on a phone it scrolls instead of shrinking
        plotly_chart(_std_change(depth), "in-table", ALT)
    st.markdown(text.scales(depth))


@st.cache_data(max_entries=40, show_spinner=False)
def _std_change(depth: int) -> go.Figure:
    """How each scheme scales the signal through each activation."""
    names, activations = tuple(INITIALIZATIONS), tuple(ACTIVATIONS)
    suited = {(name, one) for name in names for one in activations if one in INITIALIZATIONS[name].suits.split(", ")}
    return charts.std_change(signal_propagation.scales(names, activations, depth), names, activations, suited)


def lsuv(stack: LinearStack) -> None:
    """LSUV beside the orthogonal weights it starts from."""
    variances = {name: _before_activation(stack, name) for name in COMPARED}
    lines = [Line(name, one, colour) for (name, one), colour in zip(variances.items(), PALETTE, strict=False)]
    panel = Panel("Variance of each activation's input", lines, log=True)
    curves(range(1, stack.depth + 1), [panel], "in-lsuv", "layer", stack.depth)
    st.markdown(text.lsuv(variances["LSUV"][-1], variances["Orthogonal"][-1]))
