"""The lines that give the drawn curve of an activation and its row in the table."""

from __future__ import annotations

from core.layers.activations import ACTIVATIONS, code_of
from core.lessons.activations import HALF, SATURATION_SLOPE, ActivationCurve, ActivationKnobs
from core.lessons.code_block import definition

CURVE = """\
import torch
from torch import nn
{own}
activation = {expression}.double()


def curve(x):
    x.requires_grad_()
    y = activation(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    return y.detach(), slope


x = torch.arange(-{half}, {half} + 1, dtype=torch.float64) * ({reach:g} / {half})  # as drawn
y, slope = curve(x)
fine = torch.linspace(-{reach:g}, {reach:g}, 240_001, dtype=torch.float64)  # for the table
values, slopes = curve(fine)
steepest = slopes[slopes.abs().argmax()]
flat = (slopes.abs() < {flat}).double().mean()
print(f"maximum slope {{steepest:.4g}}")
print(f"outputs {{values.min():.5g}} to {{values.max():.5g}}")
print(f"flat for {{flat:.1%}} of these x")"""


def curve(name: str, knobs: ActivationKnobs, plotted: ActivationCurve) -> str:
    """A program that computes `x`, `y` and `slope` as drawn, and prints the row of the table."""
    kind = type(ACTIVATIONS[name].build())
    return CURVE.format(
        own=f"\n\n{definition(kind)}\n\n" if ACTIVATIONS[name].own else "",
        expression=code_of(name, ACTIVATIONS[name].defaults | dict(knobs)),
        half=HALF,
        reach=plotted.x[-1],
        flat=SATURATION_SLOPE,
    )
