"""Sentences, tables and formulas of the activation page, with this moment's numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.layers.activations import ACTIVATIONS
from core.lessons import activations as lab
from playground import units

EXACT = 3e-4  # an x is known to a thousandth of a step of the widest grid, twice over
NO_BREAK = "\u00a0"  # the words of a cell stay in one line
CHALLENGE = "Which activations never pass more than a quarter of the gradient? Select only those."
HINT = "Look at the table: the maximum slope must be at most 0.25 for every x."
WHY_SIX = (
    "Spacing: from the largest output to the next larger number of the format. A 16-bit number has the same few "
    "significant digits at every magnitude, so large outputs are coarse. ReLU6 stops at 6, where "
    "float16 still counts in steps of 1/256. That is why small networks for phones were trained with it."
)


def strips(all_saturated: bool) -> str:
    """What the marks under the curves mean; where all are saturated the background is grey."""
    grey = " Grey background: all are saturated." if all_saturated else ""
    return (
        "Strips at the bottom mark, in each curve's colour, where it is saturated (slope below "
        f"{lab.SATURATION_SLOPE}: hardly any gradient).{grey}"
    )


def slopes(shown: Mapping[str, lab.ActivationCurve]) -> str:
    """Maximum slope, where it is, where the activation saturates, and the range of its outputs, as a table."""
    rows = [
        f"| Activation | Max slope | At x = | Saturated (slope < {lab.SATURATION_SLOPE}) for x in | Output range |",
        "|---" * 5 + "|",
    ]
    for name, one in shown.items():
        slope, first, last = one.max_slope
        cells = (
            name,
            units.significant(slope),
            position(first) if first == last else f"{position(first)} to {position(last)}",
            ", ".join(f"{position(a)} to {position(b)}" for a, b in one.saturated_ranges) or "nowhere in this range",
            " to ".join(bound(value) for value in one.span),
        )
        rows.append(f"| {' | '.join(cell.replace(' ', NO_BREAK) for cell in cells)} |")
    return "\n".join(rows)


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


def batch(result: lab.ActivatedBatch) -> str:
    """How many values of a batch let no gradient or hardly any through."""
    (dead, count), (saturated, _) = result.dead, result.saturated
    return (
        f"Of {count:,} values, **{dead:,}** fall where the slope is exactly 0 (**dead**: no gradient) and "
        f"**{saturated:,}**, the dead ones included, where it is below {lab.SATURATION_SLOPE} (**saturated**). "
        "The bar under each histogram spans mean ± 1 std (standard deviation)."
    )


def fit(step: lab.FitStep) -> str:
    """How far a fit is, and the parameters it has learned."""
    parameters = "; ".join(
        f"{key} = {', '.join(f'{value:.4f}' for value in values)}".replace("-", "−") for key, values in step.parameters
    )
    loss = units.significant(step.loss, 3)
    return f"Step {step.step} of {lab.FIT_STEPS}, loss {loss}. Learned so far: **{parameters}**"


def one_matrix(depth: int, name: str | None, result: lab.LinearCollapse) -> str:
    """How far the outputs of a stack of linear layers are from those of one matrix."""
    between = f"**{name}**" if name else "no activation"
    return (
        f"{depth} linear {'layer' if depth == 1 else 'layers'} of 16 units with {between} between them vs. **one** "
        f"16×16 matrix: on 500 new inputs the outputs differ by at most **{units.significant(result.error, 3)}**; the "
        f"largest output is {units.significant(result.scale, 3)}."
    )


def why_they_agree(depth: int, name: str | None) -> str:
    """Where the matrix comes from, and what the difference to it means."""
    if name is None:
        return "The matrix is the product of theirs; the remaining difference is rounding in float64."
    if depth == 1:
        return "One layer has nothing in between: it is a matrix; the remaining difference is rounding in float64."
    return (
        "The matrix is the best least-squares fit to 2,000 inputs; the remaining difference is what no single matrix "
        "can compute."
    )


def precisions(rows: Mapping[str, Sequence[lab.OutputPrecision]]) -> str:
    """Each activation's largest output and the spacing of float16 and bfloat16 there, as a table."""
    lines = ["| Activation | Largest output | float16 spacing | bfloat16 spacing |", "|---|---:|---:|---:|"]
    for name, (half, brain) in rows.items():
        lines.append(f"| {name} | {half.largest:.10g} | {half.spacing:.10g} | {brain.spacing:.10g} |")
    return "\n".join(lines)
