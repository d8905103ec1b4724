"""What the activation page says, with this moment's numbers."""

from __future__ import annotations

from collections.abc import Mapping

from core.layers.activations import ACTIVATIONS
from core.lessons import activations as lab
from core.percent import percent
from playground import units

EXACT = 3e-4  # an x is known to a thousandth of a step of the widest grid, twice over
ROUNDING = 1e-11  # of an output: what float64 makes of fifty layers
FADED = 0.01  # by less than this an input of std 1 changes an output: hardly anything of it is left
NO_BREAK = "\u00a0"  # the words of a cell stay in one line
HEADS = ("Activation", "Max slope", "At x =", f"Flat (|slope| < {lab.SATURATION_SLOPE}) for x in", "Outputs")
SIXTEEN_BITS = (
    "Spacing: from the largest output to the next larger number of the format. A 16-bit number has the same few "
    "significant digits at every magnitude, so large outputs are coarse. ReLU6 stops at 6, where "
    "float16 still counts in steps of 1/256. That is why small networks for phones were trained with it."
)


def legend(shown: Mapping[str, lab.ActivationCurve], all_flat: bool) -> str:
    """What the strips and the grey background mark, and of which x the table is."""
    reach = position(next(iter(shown.values())).x[-1])
    grey = " Grey background: all are flat." if all_flat and len(shown) > 1 else ""
    return (
        "Strips at the bottom mark, in each curve's colour, where it is flat (|slope| below "
        f"{lab.SATURATION_SLOPE}: hardly any gradient).{grey} The table is for x from −{reach} to {reach}."
    )


def beyond(chosen: Mapping[str, lab.ActivationKnobs], shown: Mapping[str, lab.ActivationCurve]) -> str:
    """Which activations are steeper outside of the range, and how steep at most; empty where none is."""
    steepest = {name: units.significant(lab.steepest_slope(name, knobs)) for name, knobs in chosen.items()}
    steeper = [
        f"{name} up to {slope}"
        for name, slope in steepest.items()
        if slope != units.significant(abs(shown[name].max_slope[0]))
        and lab.steepest_slope(name, chosen[name]) > abs(shown[name].max_slope[0]) * (1 + 1e-4)
    ]
    return f"Steeper beyond this range: {', '.join(steeper)}." if steeper else ""


def row(name: str, one: lab.ActivationCurve) -> list[str]:
    """Maximum slope, where it is, where the activation is flat, and the range of its outputs."""
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


def batch(result: lab.ActivatedBatch) -> str:
    """How many values of a batch pass no gradient, and how many hardly any."""
    (dead, count), (flat, _) = result.dead, result.saturated
    included = ", the dead ones included," if dead else ""
    return (
        f"Of {count:,} values, **{dead:,}** fall where the slope is exactly 0 (**dead**: no gradient) and "
        f"**{flat:,}**{included} where its size is below {lab.SATURATION_SLOPE} (**flat**). "
        "The bar under each histogram spans mean ± 1 std (standard deviation)."
    )


def fit(step: lab.FitStep) -> str:
    """Where a fit is: its loss and its parameters, of which nothing is learned before the first step."""
    parameters = "; ".join(f"{key} = {', '.join(f'{one:.4f}' for one in values)}" for key, values in step.parameters)
    learned = "Learned so far" if step.step else "Nothing is learned yet"
    loss = units.significant(step.loss, 3)
    return f"Step {step.step} of {lab.FIT_STEPS}, loss {loss}. {learned}: **{parameters.replace('-', '−')}**"


def depth_effect(result: lab.LinearCollapse, depth: int, name: str | None) -> str:
    """How far the outputs of a stack of linear layers are from those of one, and what the inputs change at all."""
    between = f" with {f'**{name}**' if name else 'no activation'} between them" if depth > 1 else ""
    one = "16×16 matrix" if name is None else "linear layer (a 16×16 matrix and a bias)"
    return (
        f"{depth} linear {'layer' if depth == 1 else 'layers'} of 16 units{between} vs. **one** {one}: on 500 new "
        f"inputs the outputs differ by at most **{units.significant(result.error, 3)}**. The inputs change an output "
        f"by at most {units.significant(result.variation, 3)}."
    )


def depth_reason(result: lab.LinearCollapse, depth: int, name: str | None) -> str:
    """Where the difference comes from; nothing is claimed of bends where the stack lets nothing through."""
    rest = "the remaining difference is rounding in float64." if result.error else "nothing remains."
    if depth == 1:
        return f"One layer has nothing in between: {rest}"
    if name is None:
        return f"The matrix is the product of theirs; {rest}"
    fitted = "Matrix and bias are the best least-squares fit to 2,000 inputs"
    if result.variation < FADED:
        end = "to rounding, a constant" if result.variation <= ROUNDING * max(1.0, result.scale) else "all but constant"
        return (
            f"{fitted}. Hardly anything of the inputs is left after {depth} layers: what the stack computes is {end}, "
            "and so is what the one layer computes."
        )
    share = percent(result.error / result.variation, 0)
    return f"{fitted}; the remaining difference, {share} of that change, comes from the bends between the layers."
