"""What the initialization page draws: bands over seeds, drawn weights, hidden units, the table of schemes, LSUV."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.layers.activations import ACTIVATIONS
from core.layers.initialization import INITIALIZATIONS, fans
from core.lessons.initialization import signal_propagation, symmetry
from core.lessons.initialization.fan_arithmetic import LayerShape, draw_weight, expected_std
from core.lessons.initialization.signal_propagation import DEPTH_KNOB, KnobValues, LinearStack, SignalStatistics
from playground import computation_gate, controls, lesson
from playground.charts import initialization as charts
from playground.charts.activations import histogram
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.components.inline_svg import inline_svg
from playground.initialization import text
from playground.plotly_chart import plotly_chart

COMPARED = ("Orthogonal", "LSUV", "Kaiming normal")

signal = st.cache_data(signal_propagation.signal, max_entries=500, show_spinner=False)
_stds = computation_gate.cached(2, apart=True, shared=True)(signal_propagation.stds)
_train = st.cache_data(symmetry.train_hidden_units, max_entries=200, show_spinner=False)
_before_activation = st.cache_data(signal_propagation.before_activation, max_entries=200, show_spinner=False)


def choose_initialization(prefix: str, default: str) -> tuple[str, KnobValues]:
    name = controls.pick("Initialization", tuple(INITIALIZATIONS), f"{prefix}name", default=default)
    return name, controls.knob_values(INITIALIZATIONS[name].knobs, f"{prefix}{name.split()[0].lower()}_")


def through_layers(stack: LinearStack, name: str, statistics: SignalStatistics) -> None:
    """Mean and variance of every layer, over many seeds, beside theory, or why there may be none."""
    panels = [
        charts.band("Variance of outputs", statistics.band("variance"), statistics.variance_theory, log=True),
        charts.band("Mean of outputs", statistics.band("mean"), statistics.mean_theory),
    ]
    curves(range(stack.depth + 1), panels, "in-signal", "layer", stack.depth)
    st.markdown(text.through_layers(stack, name, statistics))


def theory(stack: LinearStack, name: str, knobs: KnobValues) -> None:
    """The theory with this moment's numbers for the second layer, or the scheme's formula where there is none."""
    numbers = text.theory_with_numbers(stack, name, knobs)
    if numbers is None:
        lesson.latex(INITIALIZATIONS[name].formula)
        lesson.legend(", ".join(INITIALIZATIONS[name].symbols))
    else:
        lesson.formula(signal_propagation.theory, numbers, text.THEORY_SYMBOLS)


def fan_arithmetic(shape: LayerShape, name: str, knobs: KnobValues) -> None:
    """Both fans with numbers, the scheme, and the weights it draws with their standard deviation."""
    weight = draw_weight(shape, name, knobs)
    lesson.latex(lesson.formula_of(fans))
    lesson.latex(text.fans_with_numbers(shape, weight))
    lesson.latex(INITIALIZATIONS[name].formula)
    lesson.legend(", ".join((text.FAN_SYMBOLS, *INITIALIZATIONS[name].symbols)))
    values, reach = weight.double().flatten().numpy(), float(weight.abs().max()) or 1.0
    inline_svg(histogram(values, "Weights", -reach, reach, PALETTE[0], digits=4), key="in-weights")
    st.markdown(text.drawn_weights(weight, expected_std(weight, name, knobs), name))


def hidden_units(name: str, knobs: KnobValues, steps: int) -> None:
    """The weights of 8 hidden units before and after training."""
    run = _train(name, knobs, steps)
    before = charts.units(run.before, "8 hidden units at the start")
    after = charts.units(run.after, f"After {steps} training {'step' if steps == 1 else 'steps'}")
    inline_svg(before + after, key="in-units")
    st.markdown(text.hidden_units(run, steps))
    st.caption(
        "64 inputs, 8 Tanh units, 10 classes, on handwritten digits. Units that start identical get identical "
        "gradients and stay identical: eight act as one."
    )


def scales(depth: int) -> None:
    with st.container(key="wide-chart"):  # page.css: on a phone it scrolls instead of shrinking
        plotly_chart(_std_change(depth), "in-table", text.SCALES_ALT)
    st.markdown(text.scales(depth))


@st.cache_data(max_entries=40, show_spinner=False)
def _std_change(depth: int) -> go.Figure:
    """How each scheme scales the signal through each activation."""
    names, activations = tuple(INITIALIZATIONS), tuple(ACTIVATIONS)
    suited = {(name, one) for name in names for one in activations if one in INITIALIZATIONS[name].suits.split(", ")}
    scales = signal_propagation.scales_at(all_stds(), depth)
    return charts.std_change(scales, names, activations, suited)


def all_stds() -> np.ndarray:
    """The table that all depths are columns of, (names, activations, depth)."""
    return _stds(tuple(INITIALIZATIONS), tuple(ACTIVATIONS), int(DEPTH_KNOB.high or 0))


def lsuv(stack: LinearStack) -> None:
    """LSUV beside the orthogonal weights it starts from."""
    variances = {name: _before_activation(stack, name) for name in COMPARED}
    lines = [Line(name, one, colour) for (name, one), colour in zip(variances.items(), PALETTE, strict=False)]
    panel = Panel("Variance of each activation's input", lines, log=True)
    curves(range(1, stack.depth + 1), [panel], "in-lsuv", "layer", stack.depth)
    st.markdown(text.lsuv(variances["LSUV"], variances["Orthogonal"]))
