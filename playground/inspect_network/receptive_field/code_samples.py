"""The program of the tab: the receptive field of a stack is where the gradient of one output cell is not zero."""

from __future__ import annotations

from core.lessons.inspect_network.receptive_field import StackSettings

PROGRAM = """\
import torch
from torch import nn

layers = [nn.Conv2d(1, 1, {kernel}, stride={stride}, dilation={dilation}, bias=False) for _ in range({layers})]
stack = nn.Sequential(*layers).double()
for layer in stack:
    nn.init.ones_(layer.weight)  # every weight counts, so that no influence cancels

x = torch.zeros(1, 1, {side}, {side}, dtype=torch.float64, requires_grad=True)
stack(x)[0, 0, 0, 0].backward()  # one output cell
rows = x.grad[0, 0].sum(1).nonzero().flatten()  # the rows of pixels that have an influence on it
print("receptive field:", int(rows.max() - rows.min()) + 1, "pixels along a side")
print("pixels read:", len(rows))
print("influence of each:", x.grad[0, 0].sum(1)[rows].int().tolist())"""


def stack_program(settings: StackSettings) -> str:
    """Prints the size of the receptive field, how many pixels are read, and how often."""
    return PROGRAM.format(
        kernel=settings.kernel, stride=settings.stride, dilation=settings.dilation, layers=settings.layers,
        side=settings.size,
    )  # fmt: skip
