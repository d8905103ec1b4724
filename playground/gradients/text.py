"""Sentences, formulas and the table of the gradient page, each with this moment's numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from core.knobs import knobs_of
from core.lessons.activations import SATURATION_SLOPE
from core.lessons.gradients import BATCH, DeepConfig, GradientStep, LayerStatistics, activation_bound, differences
from core.percent import percent
from playground import units
from playground.markup import table

OWN_NETWORKS = "Two networks of your own. The buttons above set both to known examples."
VIEWS = {
    "gradients": "Gradient norms of each layer's weights and outputs. Dotted, where the activations give one: the "
    "upper bound of the gradient, which is the last layer's times the maximum slope of the activation once per layer.",
    "outputs": "Mean and standard deviation over all units and all images of the batch.",
    "saturation": "Dead: the slope of the activation is 0 for every image of the batch. Saturated: the slope is below "
    f"{SATURATION_SLOPE}.",
    "updates": "Update size: the learning rate times the gradient, after clipping, relative to the weights. About "
    "0.001 is usual; above 1 a step overwrites what was there.",
}
VIOLINS = (
    "Violin plot: one shape per layer; its width shows how many outputs have that value, thick = middle half, line = "
    "median. Both networks see the same batch of handwritten digits (8×8 pixels): "
    f"{BATCH['dense']} images for fully connected layers, {BATCH['conv']} for convolutions."
)
CHAIN = (
    r"\frac{\partial L}{\partial h_1} = \Big(\prod_{l=2}^{D} W_l^\top \operatorname{diag} f'(a_l)\Big)"
    r"\frac{\partial L}{\partial h_D}"
)
CHAIN_SYMBOLS = (
    "$L$ = loss, $D$ = depth, $h_l$ = output of layer $l$, $W_l$ = its weights, $a_l$ = input of its activation $f$ "
    "(without normalization and residual connections)"
)
CODE = """\
from core.lessons.gradients import DeepConfig, batches, build, loss_of

config = {config}
network = build(config, seed={seed})
x, labels = next(batches({seed}, config.kind))
loss = loss_of(config, network(x), labels)
loss.backward()
gradients = [layer.linear.weight.grad.double().norm().item() for layer in network.layers]"""
CHALLENGE = (
    "Make network A at least 20 sigmoid layers deep, without residual connections, and still let the gradient of the "
    "first layer be a tenth of the last one's."
)
HINT = "What brings the values back to where the sigmoid is steep, layer after layer?"


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
        "Dead units": [percent(one.dead.mean()) for one in statistics.values()],
        "Saturated values": [percent(one.saturated.mean()) for one in statistics.values()],
    }
    heads = ("", *(f"**{name}**" for name in statistics))
    return table(heads, ((name, *cells) for name, cells in rows.items()), "->>")


def upper_bounds(
    networks: Mapping[str, DeepConfig], statistics: Mapping[str, LayerStatistics]
) -> list[tuple[str, str]]:
    """Where it says something, how much gradient the activations of a network let through, as a title and LaTeX."""
    blocks = []
    for name, config in networks.items():
        bound = activation_bound(config, statistics[name])
        if bound is None or config.depth == 1:
            continue
        slope, power = bound[-2] / bound[-1], config.depth - 1
        digits, exponent = f"{slope**power:.2e}".split("e")
        product = rf"{digits} \cdot 10^{{{int(exponent)}}}"
        title = f"Upper bound of {name}'s gradient from the activations alone; the rest comes from the weights"
        blocks.append((title, rf"(\max\, f')^{{D-1}} = {slope:.4g}^{{{power}}} \approx {product}"))
    return blocks


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
