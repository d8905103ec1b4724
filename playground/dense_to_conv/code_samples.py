"""The PyTorch code of the two layers that the page compares."""

from __future__ import annotations

import numpy as np

from core.lessons.dense_to_conv.layers import KERNELS, DenseVsConv, DenseVsConvSetup

CODE = """\
import torch
from torch import nn

x = torch.tensor({image})  # ({size}, {size})

conv = nn.Conv2d(1, 1, kernel_size=3, padding={padding}, bias=False)
conv.weight.data = torch.tensor({kernel})[None, None]
output = conv(x[None, None])[0, 0]  # ({side}, {side})

dense = nn.Linear({inputs}, {outputs}, bias=False)
parameters = dense.weight.numel(), conv.weight.numel()  # {dense_parameters:,} and 9"""


def both_layers(setup: DenseVsConvSetup, comparison: DenseVsConv) -> str:
    """A program that leaves the convolution's `output` and the `parameters` of both layers."""
    inputs, outputs = comparison.image.size, comparison.output.size
    return CODE.format(
        image=nested_list(comparison.image),
        kernel=nested_list(np.array(KERNELS[setup.kernel])),
        size=setup.size,
        padding=setup.padding,
        side=len(comparison.output),
        inputs=inputs,
        outputs=outputs,
        dense_parameters=inputs * outputs,
    )


def nested_list(values: np.ndarray) -> str:
    """A tensor's rows as Python text, a line each."""
    return "[\n" + "".join(f"    {[float(value) for value in row]},\n" for row in values) + "]"
