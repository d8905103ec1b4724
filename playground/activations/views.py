"""What the activation page draws and says: curves, histograms, a fit, layers beside one matrix, 16-bit outputs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from core.layers.activations import ACTIVATIONS, code_of
from core.lessons import activations as lab
from playground import units
from playground.activations.settings import FitSettings, GaussianSettings
from playground.charts import activations as charts
from playground.components.curves import PALETTE, Line, Panel, curves
from playground.components.inline_svg import inline_svg
from playground.markup import table

DASHES = ("", "7 4", "2 3")  # one for each round through the colours
GREY = "#8a93a6"
BOUNDED = ("ReLU", "ReLU6", "Sigmoid", "Hardswish", "SiLU (Swish)")  # whose 16-bit outputs are compared
MAX_SLOPE = 0.25  # of the challenge
EXACT = 3e-4  # an x is known to a thousandth of a step of the widest grid, twice over
NO_BREAK = "\u00a0"  # the words of a cell stay in one line
curve = st.cache_data(lab.curve, max_entries=300, show_spinner=False)
collapse = st.cache_data(lab.collapse, max_entries=200, show_spinner=False)


@st.cache_data(show_spinner=False)
def gentle() -> set[str]:
    """The activations whose slope is nowhere above a quarter."""
    return {name for name in ACTIVATIONS if abs(lab.curve(name).max_slope[0]) <= MAX_SLOPE}


def compare(shown: Mapping[str, lab.ActivationCurve]) -> None:
    """Curves and slopes over one cursor; where each saturates is marked, where all do is shaded."""
    line_styles = {name: (PALETTE[i % len(PALETTE)], DASHES[i // len(PALETTE)]) for i, name in enumerate(shown)}
    x = next(iter(shown.values())).x
    shade = lab.ranges(x, np.all([one.saturated for one in shown.values()], axis=0))
    values = [Line(name, one.y, *line_styles[name], one.saturated_ranges) for name, one in shown.items()]
    slopes = [Line(name, one.slope, *line_styles[name], one.saturated_ranges) for name, one in shown.items()]
    curves(x, [Panel("y", values, shade), Panel("dy/dx", slopes, shade)], key="ac-curves", start=1.0)
    grey = " Grey background: all are saturated." if shade and len(shown) > 1 else ""
    st.caption(
        "Strips at the bottom mark, in each curve's colour, where it is saturated (slope below "
        f"{lab.SATURATION_SLOPE}: hardly any gradient).{grey}"
    )
    heads = (
        "Activation",
        "Max slope",
        "At x =",
        f"Saturated (slope < {lab.SATURATION_SLOPE}) for x in",
        "Output range",
    )
    st.markdown(table(heads, (_slopes(name, one) for name, one in shown.items())))


def _slopes(name: str, one: lab.ActivationCurve) -> list[str]:
    """Maximum slope, where it is, where the activation saturates, and the range of its outputs."""
    slope, first, last = one.max_slope
    cells = (
        name,
        units.significant(slope),
        position(first) if first == last else f"{position(first)} to {position(last)}",
        ", ".join(f"{position(a)} to {position(b)}" for a, b in one.saturated_ranges) or "nowhere in this range",
        " to ".join(bound(value) for value in one.span),
    )
    return [cell.replace(" ", NO_BREAK) for cell in cells]


def bound(value: float) -> str:
    """A value in five digits; one that comes near a whole number and never reaches it says so."""
    rounded = float(f"{value:.5g}")
    near = rounded == round(rounded) and value not in (rounded, 0)
    return f"{'≈ ' if near else ''}{units.significant(rounded, 5)}"


def position(x: float) -> str:
    """A position on the x axis: a whole number, or two decimals.

    >>> position(2.99995), position(-2.99575), position(-0.0)
    ('3', '−3.00', '0')
    """
    whole = abs(x - round(x)) < EXACT
    return (str(round(x)) if whole else f"{x:.2f}").replace("-", "−")


def formulas(chosen: Mapping[str, lab.ActivationKnobs]) -> str:
    """The formulas of all chosen activations, a line each, with the numbers of their sliders."""
    rows = []
    for name, knobs in chosen.items():
        numbers = "".join(rf",\quad \text{{{key.replace('_', ' ')}}} = {value:g}" for key, value in knobs)
        rows.append(rf"\text{{{name}}} &: & y &= {ACTIVATIONS[name].formula}{numbers}")
    return r"\begin{aligned}" + r" \\[8pt] ".join(rows) + r"\end{aligned}"


def symbols(chosen: Mapping[str, lab.ActivationKnobs]) -> str:
    """What the letters of these formulas stand for; those of one activation alone follow its name."""
    own = (f"{name}: {', '.join(ACTIVATIONS[name].symbols)}" for name in chosen if ACTIVATIONS[name].symbols)
    return "; ".join(("$x$ = input, $y$ = output", *own))


def curve_code(name: str, knobs: lab.ActivationKnobs, plotted: lab.ActivationCurve) -> str:
    """A program that computes `x`, `y` and `slope` as drawn."""
    own = ACTIVATIONS[name].own
    imports = f"from core.layers.activations import {own}\n" if own else ""
    return (
        f"import torch\nfrom torch import nn\n{imports}\n"
        f"x = torch.arange({-lab.HALF}, {lab.HALF + 1}, dtype=torch.float64) * ({plotted.x[-1]:g} / {lab.HALF})\n"
        "x.requires_grad_()\n"
        f"y = {code_of(name, ACTIVATIONS[name].defaults | dict(knobs))}.double()(x)\n"
        "slope, = torch.autograd.grad(y.sum(), x)"
    )


def batch(name: str, knobs: lab.ActivationKnobs, gaussian: GaussianSettings) -> None:
    """Histograms of a normally distributed batch before and after one activation, and how many pass no gradient."""
    result = lab.gaussian_batch(name, knobs, gaussian.mean, gaussian.deviation, gaussian.seed)
    reach = max(4.0, float(np.ceil(np.abs(result.before).max())))
    before = charts.histogram(result.before, "Before", -reach, reach, GREY)
    after = charts.histogram(result.after, f"After {name}", -reach, reach, PALETTE[0])
    inline_svg(before + after, key="ac-batch")
    (dead, count), (saturated, _) = result.dead, result.saturated
    st.markdown(
        f"Of {count:,} values, **{dead:,}** fall where the slope is exactly 0 (**dead**: no gradient) and "
        f"**{saturated:,}**, the dead ones included, where it is below {lab.SATURATION_SLOPE} (**saturated**). "
        "The bar under each histogram spans mean ± 1 std (standard deviation)."
    )


def fit(chosen: FitSettings, step: lab.FitStep) -> None:
    """The curve that an activation has learned so far, the target, the loss and the learned parameters."""
    lines = [Line("Target", lab.target(chosen.goal), GREY, "5 4"), Line(chosen.name, step.y, PALETTE[0])]
    curves(lab.FIT_X.numpy(), [Panel("y", lines, low=-2.0, high=4.0)], key="ac-fit-curves", start=-2.0)
    parameters = "; ".join(f"{key} = {', '.join(f'{one:.4f}' for one in values)}" for key, values in step.parameters)
    loss = units.significant(step.loss, 3)
    st.markdown(f"Step {step.step} of {lab.FIT_STEPS}, loss {loss}. Learned so far: **{parameters.replace('-', '−')}**")


def one_matrix(depth: int, name: str | None) -> None:
    """How far the outputs of a stack of linear layers are from those of one matrix, where it comes from, and why."""
    result = collapse(name, depth)
    inline_svg(charts.agreement(result.stack[:, 0], result.matrix[:, 0]), key="ac-agreement")
    between = f"**{name}**" if name else "no activation"
    st.markdown(
        f"{depth} linear {'layer' if depth == 1 else 'layers'} of 16 units with {between} between them vs. **one** "
        f"16×16 matrix: on 500 new inputs the outputs differ by at most **{units.significant(result.error, 3)}**; the "
        f"largest output is {units.significant(result.scale, 3)}."
    )
    rounding = "the remaining difference is rounding in float64."
    if name is None:
        st.caption(f"The matrix is the product of theirs; {rounding}")
    elif depth == 1:
        st.caption(f"One layer has nothing in between: it is a matrix; {rounding}")
    else:
        st.caption(
            "The matrix is the best least-squares fit to 2,000 inputs; the remaining difference is what no single "
            "matrix can compute."
        )
    st.caption("Each dot is the first of the 16 outputs for one input; on the dashed line both agree.")


def sixteen_bits(reach: float) -> None:
    """Each activation's largest output and the spacing of float16 and bfloat16 there."""
    rows = []
    for name in BOUNDED:
        half, brain = (lab.precision(name, (), reach, dtype) for dtype in lab.FORMATS)
        rows.append((name, f"{half.largest:.10g}", f"{half.spacing:.10g}", f"{brain.spacing:.10g}"))
    st.markdown(table(("Activation", "Largest output", "float16 spacing", "bfloat16 spacing"), rows, "->>>"))
    st.caption(
        "Spacing: from the largest output to the next larger number of the format. A 16-bit number has the same few "
        "significant digits at every magnitude, so large outputs are coarse. ReLU6 stops at 6, where "
        "float16 still counts in steps of 1/256. That is why small networks for phones were trained with it."
    )
