"""One layer's fans, and its weights as a scheme draws them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.knobs import knob
from core.layers.initialization import INITIALIZATIONS, fans, lsuv
from core.lessons.gradients.network import Linear
from core.lessons.initialization.signal_propagation import KnobValues, batch

FULLY_CONNECTED, CONV = "Fully connected", "Conv"


@dataclass(frozen=True)
class LayerShape:
    """One layer whose fans are counted."""

    kind: str = knob(CONV, choices=(FULLY_CONNECTED, CONV), label="Layer type")
    inputs: int = knob(32, 1, 128, label="Inputs or input channels")
    units: int = knob(64, 1, 128, label="Outputs or output channels")
    kernel: int = knob(3, 1, 7, step=2, label="Kernel size (conv)")

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """(out, in) or (out, in, kh, kw)."""
        window = () if self.kind == FULLY_CONNECTED else (self.kernel, self.kernel)
        return (self.units, self.inputs, *window)


def draw_weight(shape: LayerShape, name: str, knobs: KnobValues = ()) -> Tensor:
    """The layer's weight as the scheme sets it with seed 0; LSUV scales it on a normal batch."""
    weight, entry = torch.empty(shape.weight_shape), INITIALIZATIONS[name]
    with torch.no_grad():
        entry.fill(weight, generator=torch.Generator().manual_seed(0), **(entry.defaults | dict(knobs)))
    return _scaled_on_data(weight) if name == "LSUV" else weight


def _scaled_on_data(weight: Tensor) -> Tensor:
    """LSUV on normal inputs, a window of them for each output of a convolution."""
    matrix = weight.flatten(1)
    linear, x = Linear(matrix.shape[1], len(matrix), bias=False), batch(matrix.shape[1], 0)
    linear.weight = nn.Parameter(matrix)
    lsuv([linear], lambda: linear(x))
    return linear.weight.detach().view_as(weight)


def expected_std(weight: Tensor, name: str, knobs: KnobValues = ()) -> float | None:
    """The standard deviation by the scheme's formula, where it has one."""
    entry = INITIALIZATIONS[name]
    if entry.std is None:
        return None
    fan_in, fan_out = fans(weight)
    rows = len(weight) if name in ("Orthogonal", "Sparse") else fan_out  # as a matrix (out, in * kh * kw)
    return entry.std(fan_in, rows, **(entry.defaults | dict(knobs)))
