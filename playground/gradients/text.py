"""Sentences, the table and the lines of the gradient lesson, each with this moment's numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping

from core.knobs import knobs_of
from core.lessons import gradients
from core.lessons.activations import NEARLY_FLAT
from core.lessons.gradients import Deep
from playground import units

LOOKS = {
    "gradients": "Of each layer's weights, and of its outputs. Dotted, where that says something: the last layer's "
    "gradient times the activation's steepest slope, once a layer.",
    "outputs": "Over all units and all digits of the batch.",
    "dead or flat": f"Dead: the slope of the activation is 0 for every digit. Flat: it is under {NEARLY_FLAT}.",
    "steps": "A step is the learning rate times the gradient, after clipping; beside it, its length over that of the "
    "weights. A thousandth is usual; above 1 a step throws away what was there.",
}
VIOLINS = (
    "A shape a layer: how many outputs lie where, the middle half of them thick, the median as a line. "
    f"Both see the same batch of handwritten digits, 8 x 8 pixels: {gradients.BATCH['dense']} where layers are dense, "
    f"{gradients.BATCH['conv']} where one is conv."
)
CHAIN = (
    r"\frac{\partial L}{\partial h_1} = \Big(\prod_{l=2}^{L} W_l^\top \operatorname{diag} f'(a_l)\Big)"
    r"\frac{\partial L}{\partial h_L}"
)
CODE = """\
from core.lessons.gradients import Deep, batches, build, loss_of

config = {config}
network = build(config, seed={seed})
x, labels = next(batches({seed}, config.kind))
loss = loss_of(config, network(x), labels)
loss.backward()
gradients = [layer.linear.weight.grad.double().norm().item() for layer in network.layers]"""


def badge(chosen: Mapping[str, Deep]) -> str:
    """What differs, and a warning where it is more than one thing."""
    found = gradients.differences(chosen["A"], chosen["B"])
    names = ", ".join(knobs_of(Deep)[name].label for name in found)
    if not found:
        return ":gray[A and B are the same network]"
    if len(found) == 1:
        values = " against ".join(setting(found[0], getattr(config, found[0])) for config in chosen.values())
        return f":green[:material/compare_arrows: A and B differ in one thing: {names}, {values}]"
    return f":orange[:material/warning: A and B differ in {len(found)} things: {names}. Which one is it?]"


def setting(name: str, value: object) -> str:
    """A setting's value as one says it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return "never" if name == "clip" and not value else f"{value:g}" if isinstance(value, float) else str(value)


def lines(config: Deep, seed: int) -> str:
    """The lines that give a network's loss and gradients."""
    return CODE.format(config=written(config), seed=seed)


def written(config: Deep) -> str:
    """The Python that makes a config: what differs from the defaults."""
    plain = Deep()
    values = {name: getattr(config, name) for name in knobs_of(Deep) if getattr(config, name) != getattr(plain, name)}
    return f"Deep({', '.join(f'{name}={value!r}' for name, value in values.items())})"


def summary(found: Mapping[str, gradients.Layers]) -> str:
    """The figures of both networks, a column each."""
    rows = {
        "loss": [units.significant(one.loss) for one in found.values()],
        "norm of dL/dW, first layer": [units.significant(one.weight_gradient[0], 3) for one in found.values()],
        "norm of dL/dW, last layer": [units.significant(one.weight_gradient[-1], 3) for one in found.values()],
        "dead units": [f"{one.dead.mean():.1%}" for one in found.values()],
        "flat values": [f"{one.flat.mean():.1%}" for one in found.values()],
    }
    head = f"| | {' | '.join(f'**{name}**' for name in found)} |\n|---|{'---:|' * len(found)}"
    return "\n".join([head, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items())])


def steepest(chosen: Mapping[str, Deep], found: Mapping[str, gradients.Layers]) -> list[tuple[str, str]]:
    """Of each network of which that says something: what its activations alone let through, as a title and LaTeX."""
    blocks = []
    for name, config in chosen.items():
        allowed = gradients.bound(config, found[name])
        if allowed is None or config.depth == 1:
            continue
        slope, power = allowed[-2] / allowed[-1], config.depth - 1
        digits, exponent = f"{slope**power:.2e}".split("e")
        product = rf"{digits} \cdot 10^{{{int(exponent)}}}"
        title = f"At most that much of {name}'s gradient the activations alone let through; the rest is the weights'"
        blocks.append((title, rf"\max\, f' = {slope:.4g}, \quad {slope:.4g}^{{{power}}} \approx {product}"))
    return blocks


def kept_alive(config: Deep, found: gradients.Layers) -> bool:
    """Whether twenty sigmoid layers without residuals leave the first one a tenth of the last one's gradient."""
    first, last = found.weight_gradient[[0, -1]]
    alive = bool(math.isfinite(first) and first >= 0.1 * last > 0)
    return alive and config.activation == "Sigmoid" and config.depth >= 20 and not config.residual
