"""The lines that give the drawn variances of every seed, and what one layer does to them."""

from __future__ import annotations

from core.layers import activations
from core.layers.initialization import code_of
from core.lessons.code_block import lines_beside_torch
from core.lessons.initialization.signal_propagation import BATCH, SEEDS, KnobValues, LinearStack

VARIANCES = """\
{math}import torch
from torch import nn
{own}
depth, width = {depth}, {width}
activation = {activation}


@torch.no_grad()
def variances_of(seed):
    x = torch.randn({batch}, width, generator=torch.Generator().manual_seed(1000 + seed))
    layers = [nn.Linear(width, width, bias=False) for _ in range(depth)]
    generator = torch.Generator().manual_seed(seed)
    for layer in layers:
        {fill}
{lsuv}    for layer in layers:
        layer.weight *= {gain}
    variances = [x.double().var().item()]
    for layer in layers:
        x = activation(layer(x))
        variances.append(x.double().var().item())
    return variances


variances = [variances_of(seed) for seed in range({seeds})]
print(f"variance after layer {{depth}}, seed 0: {{variances[0][-1]:.4g}}")"""
FACTORS = """
factors = sorted((one[-1] / one[1]) ** (1 / (depth - 1)) for one in variances)
print(f"a layer multiplies it by {{factors[{middle}]:.4g}} (median seed), {{factors[0]:.4g}} to {{factors[-1]:.4g}}")"""
LSUV = """\
    network = nn.Sequential(*(part for layer in layers for part in (layer, activation)))
    lsuv(layers, lambda: network(x))
"""


def variances(stack: LinearStack, name: str, knobs: KnobValues, has_factor: bool) -> str:
    """A program that computes `variances` of every seed and layer; with `has_factor` also what one layer does."""
    text = VARIANCES.format(
        math="import math\n\n" if name == "Sparse" else "",
        own=lines_beside_torch(stack.activation, name),
        depth=stack.depth,
        width=stack.width,
        activation=activations.code_of(stack.activation, activations.ACTIVATIONS[stack.activation].defaults),
        batch=BATCH,
        fill=code_of(name, dict(knobs)),
        lsuv=LSUV if name == "LSUV" else "",
        gain=stack.gain,
        seeds=SEEDS,
    )
    return text + FACTORS.format(middle=SEEDS // 2) if has_factor else text
