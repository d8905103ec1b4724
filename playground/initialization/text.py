"""What the initialization page says, with this moment's numbers."""

from __future__ import annotations

import math

import numpy as np
from torch import Tensor

from core.layers.initialization import INITIALIZATIONS, TRIES, fans
from core.lessons.initialization import signal_propagation
from core.lessons.initialization.fan_arithmetic import CONV, LayerShape
from core.lessons.initialization.signal_propagation import BATCH, SEEDS, KnobValues, LinearStack, SignalStatistics
from core.lessons.initialization.symmetry import SymmetryRun
from core.lessons.optimizers.worked_steps import decimal
from playground import units

SCALES_ALT = (
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
CHALLENGE = (
    "Keep the variance of **ReLU** layers within 10 % per layer, on average over the layers, with **Normal** weights, "
    "20 layers or more, and no Kaiming."
)
HINT = (
    "Kaiming would use a standard deviation of √(2 / fan_in). Find the standard deviation, or the standard deviation "
    "and the gain, whose product is that."
)


def through_layers(stack: LinearStack, name: str, statistics: SignalStatistics) -> str:
    """What one layer does to the variance, and why there may be no theory."""
    sentences = [f"A batch of {BATCH} normal inputs, {SEEDS} seeds; layer 0 is the input.", layer_effect(statistics)]
    if statistics.variance_theory is None:
        sentences += [f"{without_theory(name)} No theory curve is drawn."]
    return " ".join(sentences)


def layer_effect(statistics: SignalStatistics) -> str:
    """By what a layer multiplies the variance: the median seed, the lowest and the highest; or why there is none."""
    layers = statistics.variance.shape[1] - 2
    if layers < 1:
        return "A single layer says nothing about what the next would do."
    if statistics.has_overflowed:
        return "The outputs grow beyond what float32 can hold (3.4e38)."
    if math.isnan(statistics.factor):
        return "Nothing is left of the signal: in some seed all outputs are equal."
    factor, low, high = statistics.factor, statistics.factors.min(), statistics.factors.max()
    shown = units.digits_giving(factor, lambda one: units.significant(one**layers, 3))
    after = (
        "After the first layer, the next one multiplies" if layers == 1 else "After the first layer, each multiplies"
    )
    average = "" if layers == 1 else " on average"
    total = f": by {units.significant(factor**layers, 3)} in total" if layers > 1 else ""
    return (
        f"{after} the variance by **{shown}**{average}{total} (the median seed; the others by "
        f"{units.significant(low)} to {units.significant(high)})."
    )


def without_theory(name: str) -> str:
    """Why theory is silent about a scheme."""
    if name == "LSUV":
        return "**LSUV** scales orthogonal weights until the data give variance 1: its scale follows from no formula."
    return f"Theory needs random weights with mean 0, and those of **{name}** are not random."


def theory_with_numbers(stack: LinearStack, name: str, knobs: KnobValues) -> str | None:
    """The theory of the second layer, its numbers multiplied to the one shown (LaTeX); None where it is silent."""
    share = signal_propagation.weight_variance(stack, name, knobs)
    expected = signal_propagation.theory(stack, name, knobs)
    if share is None or expected is None:
        return None
    layer, (mean, variance) = min(2, stack.depth), expected
    square = mean[layer - 1] ** 2 + variance[layer - 1]
    result = f"{stack.width * share * square:.4g}"
    for digits in range(6, 18):
        one, other = (float(f"{value:.{digits}g}") for value in (share, square))
        if f"{stack.width * one * other:.4g}" == result:
            break
    factors = r" \cdot ".join([str(stack.width), *(decimal(value, digits) for value in (share, square))])
    return rf"{factors} \;\approx\; {decimal(float(result), 4)} \quad (l = {layer})"


def fans_with_numbers(shape: LayerShape, weight: Tensor) -> str:
    """Both fans of a layer with its numbers (LaTeX)."""
    window = rf" \cdot {shape.kernel} \cdot {shape.kernel}" if shape.kind == CONV else ""
    products = (f"{count}{window} = " if window else "" for count in (shape.inputs, shape.units))
    into, out = (f"{product}{fan}" for product, fan in zip(products, fans(weight), strict=True))
    return rf"{{\text{{fan}}_{{in}} = {into},}} \qquad \allowbreak {{\text{{fan}}_{{out}} = {out}}}"


def drawn_weights(weight: Tensor, expected: float | None, name: str) -> str:
    """How many weights are drawn, their standard deviation, and that of the formula."""
    formula = "" if expected is None else f"; the formula gives **{expected:.5g}**"
    suits = f" Designed for: {INITIALIZATIONS[name].suits}."
    scaled = f", scaled on {BATCH} normal inputs until the outputs have variance 1," if name == "LSUV" else ""
    if weight.numel() == 1:
        return f"One weight drawn with seed 0{scaled} is **{weight.item():.5g}**{formula}.{suits}"
    std = weight.double().std(correction=0).item()
    drawn = f"{weight.numel():,} weights drawn with seed 0{scaled} have a standard deviation of **{std:.5g}**"
    return f"{drawn}{formula}.{suits}"


def hidden_units(run: SymmetryRun, steps: int) -> str:
    """How many units are distinct, and what training does to the loss on all digits."""
    first, last = (units.significant(loss) for loss in (run.first_loss, run.last_loss))
    loss = f"stays at **{last}**" if first == last else f"goes from {first} to **{last}**"
    return (
        f"**{run.distinct[-1]}** distinct {'unit' if run.distinct[-1] == 1 else 'units'} of 8 after "
        f"{units.counted(steps, 'step')} ({run.distinct[0]} at the start); the loss on all digits {loss}."
    )


def scales(depth: int) -> str:
    """How the heat map of schemes is read."""
    return (
        f"From the first to the last of {depth} layers of 64 units the standard deviation (std) of the outputs changes "
        "by 10 to this power (seed 0): white = same, blue = vanishing (−∞: nothing is left), orange = exploding. Green "
        "frame: the activation that the scheme was designed for. Schemes with their own settings have their defaults."
    )


def lsuv(variances: np.ndarray, orthogonal: np.ndarray) -> str:
    """What LSUV does, and what it leaves of the last layer's variance beside the weights it starts from."""
    return (
        "LSUV starts orthogonal, runs a batch, and divides each layer's weights by the std of that layer's outputs, "
        f"one layer after the other, until the variance is within 1 % of 1 (at most {TRIES} times). On that batch the "
        f"last layer's variance is now **{variances[-1]:.3f}**; orthogonal weights alone leave "
        f"{units.significant(orthogonal[-1], 3)}."
    )
