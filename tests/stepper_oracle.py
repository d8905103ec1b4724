"""What PyTorch's functions say about a state of the stepper, in double precision, and a runner for the shown lines."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from core.lessons.convolution import Stepper, bias_cells, input_cells, kernel_cells


def oracle(config: Stepper) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
    """y (O, OH, OW), dL/dx (C, H, W), dL/dw, dL/db of a state, through `torch.nn.functional` and autograd."""
    state = config.effective
    x = (torch.tensor(input_cells(state)).double() / 100)[None].requires_grad_()
    weight = (
        torch.tensor(kernel_cells(state)).double() / 100 / (state.kernel[0] * state.kernel[1] if state.mean else 1)
    ).requires_grad_()
    bias = (torch.tensor(bias_cells(state)).double() / 100).requires_grad_()
    y = forward(state, x, weight.flip(-2, -1) if state.flip else weight, bias if state.bias else None)
    loss = y[(0, *state.picked_cell)] if state.picked_cell else y.sum()
    loss.backward()
    return y[0].detach(), x.grad[0], None if state.is_pool else weight.grad, bias.grad if state.bias else None


def forward(state: Stepper, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """The output (1, O, OH, OW) of a state whose settings are in effect, for any numbers."""
    top, bottom, left, right = state.padding
    if state.mode == "max":
        return F.max_pool2d(x, state.kernel, state.stride, (top, left), state.dilation)
    if state.mode == "average":
        return F.avg_pool2d(x, state.kernel, state.stride, (top, left))
    if state.mode == "transposed":
        settings = (state.stride, (top, left), state.output_padding, state.groups, state.dilation)
        return F.conv_transpose2d(x, weight, bias, *settings)
    mode = "constant" if state.padding_mode == "zeros" else state.padding_mode
    padded = F.pad(x, (left, right, top, bottom), mode=mode)
    return F.conv2d(padded, weight, bias, state.stride, 0, state.dilation, state.groups)


def run_lines(text: str) -> dict[str, Any]:
    """The variables after a script of ours ran."""
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(text, names)
    return names
