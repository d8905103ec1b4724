"""The lines that give the drawn curve of an activation."""

from __future__ import annotations

from core.layers.activations import ACTIVATIONS, code_of
from core.lessons.activations import HALF, ActivationCurve, ActivationKnobs


def curve(name: str, knobs: ActivationKnobs, plotted: ActivationCurve) -> str:
    """A program that computes `x`, `y` and `slope` as drawn."""
    own = ACTIVATIONS[name].own
    imports = f"from core.layers.activations import {own}\n" if own else ""
    return (
        f"import torch\nfrom torch import nn\n{imports}\n"
        f"x = torch.arange({-HALF}, {HALF + 1}, dtype=torch.float64) * ({plotted.x[-1]:g} / {HALF})\n"
        "x.requires_grad_()\n"
        f"y = {code_of(name, ACTIVATIONS[name].defaults | dict(knobs))}.double()(x)\n"
        "slope, = torch.autograd.grad(y.sum(), x)"
    )
