"""What the initialization page says, computed from what it shows."""

from __future__ import annotations

import math

from torch import Tensor

from core.layers.initialization import INITIALIZATIONS, fans
from core.lessons.initialization.fan_arithmetic import CONV, LayerShape, expected_std
from core.lessons.initialization.signal_propagation import (
    BATCH,
    SEEDS,
    KnobValues,
    LinearStack,
    SignalStatistics,
    theory,
    weight_variance,
)
from core.lessons.initialization.symmetry import SymmetryRun
from playground import units

THEORY_SYMBOLS = (
    r"$z_l$ = input of the activation in layer $l$, $w$ = a weight, $h_{l-1}$ = output of the layer before, "
    r"$\text{fan}_{in}$ = inputs per unit, $E$ = expected value"
)
FAN_SYMBOLS = (
    r"$\text{fan}_{in}$ = inputs per output, $\text{fan}_{out}$ = outputs per input, $C_{in}$, $C_{out}$ = channels "
    r"(or units) in and out, $k_h$, $k_w$ = kernel height and width (1 in a linear layer)"
)
EQUAL_UNITS = (
    "64 inputs, 8 Tanh units, 10 classes, on handwritten digits. Units that start identical get identical gradients "
    "and stay identical: eight act as one."
)


def verdict(name: str, stack: LinearStack, statistics: SignalStatistics) -> str:
    """What a layer does to the variance, and why there may be no theory."""
    sentences = [f"A batch of {BATCH} normal inputs, {SEEDS} seeds; layer 0 is the input."]
    factor = statistics.factor
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
    return " ".join(sentences)


def theory_with_numbers(stack: LinearStack, name: str, knobs: KnobValues) -> str | None:
    """The theory with this moment's numbers, for the second layer (LaTeX); None where there is no theory."""
    share, expected = weight_variance(stack, name, knobs), theory(stack, name, knobs)
    if share is None or expected is None:
        return None
    mean, variance = expected
    square = mean[1] ** 2 + variance[1]
    result = stack.width * share * square
    return rf"{stack.width} \cdot {share:.6g} \cdot {square:.6g} \;\approx\; {result:.4g} \quad (l = 2)"


def scheme(name: str) -> str:
    """An initialization's formula (LaTeX)."""
    return INITIALIZATIONS[name].formula


def fans_with_numbers(shape: LayerShape, weight: Tensor) -> str:
    """Both fans of a layer with its numbers (LaTeX)."""
    fan_in, fan_out = fans(weight)
    window = rf" \cdot {shape.kernel} \cdot {shape.kernel}" if shape.kind == CONV else ""
    products = (f"{count}{window} = " if window else "" for count in (shape.inputs, shape.units))
    into, out = (f"{product}{fan}" for product, fan in zip(products, (fan_in, fan_out), strict=True))
    return rf"{{\text{{fan}}_{{in}} = {into},}} \qquad \allowbreak {{\text{{fan}}_{{out}} = {out}}}"


def drawn_weights(name: str, weight: Tensor, knobs: KnobValues) -> str:
    """The standard deviation measured and expected, and what the scheme is made for."""
    std = expected_std(weight, name, knobs)
    expected = "" if std is None else f"; the formula gives **{std:.5g}**"
    return (
        f"{weight.numel():,} weights drawn with seed 0 have a standard deviation of "
        f"**{weight.std(correction=0):.5g}**{expected}. Designed for: {INITIALIZATIONS[name].suits}."
    )


def symmetry(run: SymmetryRun) -> str:
    """How many units are distinct, and what the loss has become."""
    steps = len(run.losses)
    plural = "unit" if run.distinct[-1] == 1 else "units"
    return (
        f"**{run.distinct[-1]}** distinct {plural} of 8 after {steps} steps ({run.distinct[0]} at the start); the loss "
        f"went from {run.losses[0]:.3f} to **{run.losses[-1]:.3f}**."
    )


def scales(depth: int) -> str:
    """How to read the table."""
    return (
        f"From the first to the last of {depth} layers of 64 units the standard deviation (std) of the outputs changes "
        "by 10 to this power: white = same, blue = vanishing (−∞: nothing is left), orange = exploding. Green frame: "
        "the activation that the scheme was designed for. Schemes with settings of their own have their defaults."
    )


def lsuv(last: float, orthogonal: float) -> str:
    """What LSUV does and has done, beside the orthogonal weights it starts from."""
    return (
        "LSUV starts orthogonal, runs a batch, and divides each layer's weights by the std of that layer's outputs, "
        f"one layer after the other. On that batch the last layer's variance is now **{last:.3f}**; orthogonal weights "
        f"alone leave {units.significant(orthogonal, 3)}."
    )
