"""Sentences, formulas and the table of the gradient page, each with this moment's numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from core.knobs import knobs_of
from core.lessons.activations import SATURATION_SLOPE
from core.lessons.gradients import BATCH, DeepConfig, GradientStep, LayerStatistics, activation_factor, differences
from core.percent import percent
from playground import units
from playground.markup import table

OWN_NETWORKS = "Two networks of your own. The buttons above set both to known examples."
VIEWS = {
    "gradients": "Gradient norms of each layer's weights and outputs. Dotted, where every slope of the activation is "
    "below 1: what the activations alone would leave at most, which is the last layer's gradient times the steepest "
    "slope once per layer. The weights come on top: they shrink or enlarge it.",
    "outputs": "Mean and standard deviation over all units and all images of the batch.",
    "saturation": "Dead: units whose activation has slope 0 for every image of the batch (in a convolution, at every "
    f"position of each). Flat: values at which the size of its slope is below {SATURATION_SLOPE}, the dead ones "
    "included.",
    "updates": "Update size: the learning rate times the gradient, after clipping, relative to the weights. About "
    "0.001 is usual; above 1 a step overwrites what was there.",
}
CHAIN = (
    r"\frac{\partial L}{\partial h_1} = \Big(\prod_{l=2}^{D} W_l^\top \operatorname{diag} f'(a_l)\Big)"
    r"\frac{\partial L}{\partial h_D}"
)
CHAIN_SYMBOLS = (
    "$L$ = loss, $D$ = depth, $h_l$ = output of layer $l$, $W_l$ = its weights, $a_l$ = input of its activation $f$ "
    "(without normalization and residual connections)"
)
CHALLENGE = (
    "Make network A at least 20 sigmoid layers deep, without residual connections, and still let the gradient of the "
    "first layer be a tenth of the last one's."
)
HINT = "What brings the values back to where the sigmoid is steep, layer after layer?"


def violins(networks: Mapping[str, DeepConfig]) -> str:
    """How a violin plot is read, and which images both networks see."""
    sizes = {name: BATCH[config.kind] for name, config in networks.items()}
    if len(set(sizes.values())) == 1:
        batch = f"Both networks see the same batch of {sizes['A']} handwritten digits (8×8 pixels)."
    else:
        larger, smaller = sorted(sizes, key=lambda name: -sizes[name])
        batch = (
            f"Network {larger} sees a batch of {sizes[larger]} handwritten digits (8×8 pixels), network {smaller} the "
            f"first {sizes[smaller]} of them."
        )
    return (
        "Violin plot: one shape per layer; its width shows how many outputs have that value, thick = middle half, line "
        f"= median. {batch}"
    )


def badge(networks: Mapping[str, DeepConfig]) -> str:
    """What differs, and a warning where it is more than one setting."""
    names = differences(networks["A"], networks["B"])
    labels = ", ".join(_label(name) for name in names)
    if not names:
        return ":gray[A and B are the same network]"
    if len(names) == 1:
        values = " vs. ".join(setting(names[0], getattr(config, names[0])) for config in networks.values())
        return f":green[:material/compare_arrows: A and B differ in one setting: {labels} ({values})]"
    count = len(names)
    return f":orange[:material/warning: A and B differ in {count} settings: {labels}. Which one makes the difference?]"


def _label(name: str) -> str:
    return knobs_of(DeepConfig)[name].label or name.replace("_", " ").capitalize()


def setting(name: str, value: object) -> str:
    """A setting's value as its control shows it."""
    choices = knobs_of(DeepConfig)[name].choices
    if isinstance(choices, Mapping):
        return choices[value]
    if isinstance(value, bool):
        return "on" if value else "off"
    return "off" if name == "clip" and not value else f"{value:g}" if isinstance(value, float) else str(value)


def figures(statistics: Mapping[str, LayerStatistics]) -> str:
    """The figures of both networks as a table, one column each."""
    rows = {
        "Loss": [units.significant(one.loss) for one in statistics.values()],
        "‖∂L/∂W‖, first layer": [units.significant(one.weight_gradient[0], 3) for one in statistics.values()],
        "‖∂L/∂W‖, last layer": [units.significant(one.weight_gradient[-1], 3) for one in statistics.values()],
        "‖∂L/∂W‖, largest": [units.significant(one.weight_gradient.max(), 3) for one in statistics.values()],
        "Std of the last layer's outputs": [units.significant(one.std[-1], 3) for one in statistics.values()],
        "Dead units": [percent(one.dead.mean()) for one in statistics.values()],
        "Flat values": [percent(one.saturated.mean()) for one in statistics.values()],
    }
    heads = ("", *(f"**{name}**" for name in statistics))
    return table(heads, ((name, *cells) for name, cells in rows.items()), "->>")


def factors(networks: Mapping[str, DeepConfig]) -> list[tuple[str, str]]:
    """Where it says something, how much gradient the activations of a network let through, as a title and LaTeX."""
    blocks = []
    for name, config in networks.items():
        slope, power = activation_factor(config), config.depth - 1
        if slope is None:
            continue
        digits, exponent = _product(slope, power).split("e")
        product = rf"{digits} \cdot 10^{{{int(exponent)}}}"
        shown = units.digits_giving(slope, lambda factor, power=power: _product(factor, power))
        title = f"What {name}'s activations alone let through of the gradient at most; the weights come on top"
        blocks.append((title, rf"(\sup\, |f'|)^{{D-1}} = {shown}^{{{power}}} \approx {product}"))
    return blocks


def _product(factor: float, power: int) -> str:
    """A factor multiplied by itself, as it is shown.

    >>> _product(0.25, 19)
    '3.64e-12'
    """
    return f"{factor**power:.2e}"


def progress(step: GradientStep) -> str:
    """Where a run is, or where it ended."""
    if not np.isfinite(step.loss):
        return f"diverged at step {step.number}, where the loss is no longer finite"
    return f"step {step.number}, loss {units.significant(step.loss)}, dead units {percent(step.dead.mean())}"


def is_solved(config: DeepConfig, statistics: LayerStatistics) -> bool:
    """Whether twenty sigmoid layers without residual connections leave the first a tenth of the last one's gradient."""
    first, last = statistics.weight_gradient[[0, -1]]
    alive = bool(math.isfinite(first) and first >= 0.1 * last > 0)
    return alive and config.activation == "Sigmoid" and config.depth >= 20 and not config.residual
