"""What the initialization page draws and says: bands over seeds, drawn weights, hidden units, the table of schemes."""

from __future__ import annotations

import math

import plotly.graph_objects as go
import streamlit as st
from torch import Tensor

from core.layers.activations import ACTIVATIONS, code_of
from core.layers.initialization import INITIALIZATIONS, fans
from core.lessons.initialization import signal_propagation, symmetry
from core.lessons.initialization.fan_arithmetic import CONV, LayerShape, draw_weight, expected_std
from core.lessons.initialization.signal_propagation import BATCH, SEEDS, KnobValues, LinearStack, SignalStatistics
from playground import controls, lesson, units
from playground.charts import initialization as charts
from playground.charts.activations import histogram
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.components.inline_svg import inline_svg
from playground.plotly_chart import plotly_chart

ALT = (
    "Heat map: by how many powers of ten the standard deviation changes through the layers, for each initialization "
    "scheme (row) and activation (column)."
)
THEORY_SYMBOLS = (
    r"$z_l$ = input of the activation in layer $l$, $w$ = a weight, $h_{l-1}$ = output of the layer before, "
    r"$\text{fan}_{in}$ = inputs per unit, $E$ = expected value"
)
FAN_SYMBOLS = (
    r"$\text{fan}_{in}$ = inputs per output, $\text{fan}_{out}$ = outputs per input, $C_{in}$, $C_{out}$ = channels "
    r"(or units) in and out, $k_h$, $k_w$ = kernel height and width (1 in a linear layer)"
)
COMPARED = ("Orthogonal", "LSUV", "Kaiming normal")

signal = st.cache_data(signal_propagation.signal, max_entries=500, show_spinner=False)
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
    sentences, factor = [f"A batch of {BATCH} normal inputs, {SEEDS} seeds; layer 0 is the input."], statistics.factor
    if math.isnan(factor):
        sentences += ["There is too little signal left, or there are too few layers, to say what one layer does."]
    else:
        total = units.significant(factor ** (stack.depth - 1), 3)
        sentences += [
            f"After the first layer, each layer multiplies the variance by **{factor:.6g}** on average: by {total} "
            "in total."
        ]
    if statistics.variance_theory is None:
        sentences += [f"Theory needs random weights with mean 0, and **{name}** is not that: no theory curve is drawn."]
    st.markdown(" ".join(sentences))


def variances_code(stack: LinearStack, name: str, knobs: KnobValues) -> str:
    """The run with seed 0."""
    activation = code_of(stack.activation, ACTIVATIONS[stack.activation].defaults)
    return (
        f"import torch\nfrom torch import nn\n{_imports(stack, name)}\n"
        f"x = torch.randn({BATCH}, {stack.width}, generator=torch.Generator().manual_seed(1000))\n"
        f"layers = [nn.Linear({stack.width}, {stack.width}, bias=False) for _ in range({stack.depth})]\n"
        f"activation = {activation}\n"
        "network = nn.Sequential(*(part for layer in layers for part in (layer, activation)))\n"
        f"{_initialization(stack, name, knobs)}"
        "variances = [x.var().item()]\n"
        "with torch.no_grad():\n"
        "    for layer in layers:\n"
        "        x = activation(layer(x))\n"
        "        variances.append(x.var().item())"
    )


def _imports(stack: LinearStack, name: str) -> str:
    own = ACTIVATIONS[stack.activation].own
    lines = f"from core.layers.activations import {own}\n" if own else ""
    return lines + ("from core.layers.initialization import initialize\n" if INITIALIZATIONS[name].own else "")


def _initialization(stack: LinearStack, name: str, knobs: KnobValues) -> str:
    if INITIALIZATIONS[name].own:
        return (
            "generator = torch.Generator().manual_seed(0)\n"
            f'initialize(layers, "{name}", generator, {stack.gain}, {dict(knobs)}, forward=lambda: network(x))\n'
        )
    line = INITIALIZATIONS[name].code.format(**(INITIALIZATIONS[name].defaults | {"identity": "eye_"} | dict(knobs)))
    return (
        "torch.manual_seed(0)\n"
        f"for layer in layers:\n    {line}\n"
        f"for layer in layers:\n    layer.weight.data *= {stack.gain}\n"
    )


def theory(stack: LinearStack, name: str, knobs: KnobValues) -> None:
    """The theory with this moment's numbers for the second layer, or the scheme's formula where there is none."""
    share = signal_propagation.weight_variance(stack, name, knobs)
    expected = signal_propagation.theory(stack, name, knobs)
    if share is None or expected is None:
        st.latex(INITIALIZATIONS[name].formula)
        lesson.legend(", ".join(INITIALIZATIONS[name].symbols))
        return
    mean, variance = expected
    square = mean[1] ** 2 + variance[1]
    result = stack.width * share * square
    numbers = rf"{stack.width} \cdot {share:.6g} \cdot {square:.6g} \;\approx\; {result:.4g} \quad (l = 2)"
    lesson.formula(signal_propagation.theory, numbers, THEORY_SYMBOLS)


def fan_arithmetic(shape: LayerShape, name: str, knobs: KnobValues) -> None:
    """Both fans with numbers, the scheme, and the weights it draws with their standard deviation."""
    weight = draw_weight(shape, name, knobs)
    st.latex(lesson.formula_of(fans))
    st.latex(_fans_with_numbers(shape, weight))
    st.latex(INITIALIZATIONS[name].formula)
    lesson.legend(", ".join((FAN_SYMBOLS, *INITIALIZATIONS[name].symbols)))
    reach = float(weight.abs().max()) or 1.0
    inline_svg(histogram(weight.flatten().numpy(), "Weights", -reach, reach, PALETTE[0], digits=4), key="in-weights")
    std = expected_std(weight, name, knobs)
    expected = "" if std is None else f"; the formula gives **{std:.5g}**"
    st.markdown(
        f"{weight.numel():,} weights drawn with seed 0 have a standard deviation of "
        f"**{weight.std(correction=0):.5g}**{expected}. Designed for: {INITIALIZATIONS[name].suits}."
    )


def _fans_with_numbers(shape: LayerShape, weight: Tensor) -> str:
    """Both fans of a layer with its numbers (LaTeX)."""
    window = rf" \cdot {shape.kernel} \cdot {shape.kernel}" if shape.kind == CONV else ""
    products = (f"{count}{window} = " if window else "" for count in (shape.inputs, shape.units))
    into, out = (f"{product}{fan}" for product, fan in zip(products, fans(weight), strict=True))
    return rf"{{\text{{fan}}_{{in}} = {into},}} \qquad \allowbreak {{\text{{fan}}_{{out}} = {out}}}"


def hidden_units(name: str, knobs: KnobValues, steps: int) -> None:
    """The weights of 8 hidden units before and after training."""
    run = _train(name, knobs, steps)
    before = charts.units(run.before, "8 hidden units at the start")
    after = charts.units(run.after, f"After {steps} training steps")
    inline_svg(before + after, key="in-units")
    st.markdown(
        f"**{run.distinct[-1]}** distinct {'unit' if run.distinct[-1] == 1 else 'units'} of 8 after {steps} steps "
        f"({run.distinct[0]} at the start); the loss went from {run.losses[0]:.3f} to **{run.losses[-1]:.3f}**."
    )
    st.caption(
        "64 inputs, 8 Tanh units, 10 classes, on handwritten digits. Units that start identical get identical "
        "gradients and stay identical: eight act as one."
    )


def scales(depth: int) -> None:
    with st.container(key="wide-chart"):  # page.css: on a phone it scrolls instead of shrinking
        plotly_chart(_std_change(depth), "in-table", ALT)
    st.markdown(
        f"From the first to the last of {depth} layers of 64 units the standard deviation (std) of the outputs changes "
        "by 10 to this power: white = same, blue = vanishing (−∞: nothing is left), orange = exploding. Green frame: "
        "the activation that the scheme was designed for. Schemes with settings of their own have their defaults."
    )


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
    st.markdown(
        "LSUV starts orthogonal, runs a batch, and divides each layer's weights by the std of that layer's outputs, "
        f"one layer after the other. On that batch the last layer's variance is now **{variances['LSUV'][-1]:.3f}**; "
        f"orthogonal weights alone leave {units.significant(variances['Orthogonal'][-1], 3)}."
    )
