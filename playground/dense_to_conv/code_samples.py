"""The program of the page: both layers on the drawing and on the drawing shifted; it runs with PyTorch alone."""

from __future__ import annotations

import numpy as np

from core.lessons.dense_to_conv.layers import KERNELS, SEED, DenseVsConv, DenseVsConvSetup

PROGRAM = """\
import torch
from torch import nn
from torch.nn import functional as F


def shifted(x):
    return F.pad(x, ({right}, {left}, {down}, {up}))  # zeros enter on one side, what leaves on the other is cut off


image = torch.tensor({image}, dtype=torch.float64)

conv = nn.Conv2d(1, 1, kernel_size=3, padding={padding}, bias=False)
conv.weight.data = torch.tensor({kernel}, dtype=torch.float64)[None, None]

# Random weights, changed by as little as possible so that the output for this one image equals the convolution's.
dense = nn.Linear({inputs}, {outputs}, bias=False)
generator = torch.Generator().manual_seed({seed})
weight = torch.randn({outputs}, {inputs}, generator=generator, dtype=torch.float64) * {inputs}**-0.5
x, y = image.flatten(), conv(image[None, None]).detach().flatten()
dense.weight.data = weight + torch.outer(y - weight @ x, x) / (x @ x)


def of_conv(image):
    return conv(image[None, None]).detach()[0, 0]  # ({side}, {side})


def of_dense(image):
    return dense(image.flatten()).detach().view({side}, {side})


output = of_conv(image)
inside = F.pad(torch.ones({inner}, {inner}), ({padding},) * 4)  # outputs whose window lies inside of the image
comparable = (inside * shifted(inside)).bool()
torch.set_printoptions(precision=2, sci_mode=False, linewidth=200)
print(output)
for name, layer in (("convolution", of_conv), ("fully connected", of_dense)):
    values = layer(shifted(image))
    same = torch.isclose(values, shifted(output), atol=1e-9)[comparable]
    print(name, "shifted:", int(same.sum()), "of", same.numel())
    print(values)
print("weights:", dense.weight.numel(), "and", conv.weight.numel())"""


def both_layers(setup: DenseVsConvSetup, comparison: DenseVsConv) -> str:
    """A program that prints the outputs, how many values shift with the input, and the weights of both layers."""
    side = len(comparison.output)
    return PROGRAM.format(
        image=_nested_list(comparison.image),
        kernel=_nested_list(np.array(KERNELS[setup.kernel])),
        padding=setup.padding,
        right=setup.right,
        left=-setup.right,
        down=setup.down,
        up=-setup.down,
        inputs=comparison.image.size,
        outputs=comparison.output.size,
        side=side,
        inner=side - 2 * setup.padding,
        seed=SEED,
    )


def _nested_list(values: np.ndarray) -> str:
    """A tensor's rows as Python text, a line each."""
    return "[\n" + "".join(f"    {[float(value) for value in row]},\n" for row in values) + "]"
