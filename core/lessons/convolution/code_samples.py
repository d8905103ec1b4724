"""The PyTorch lines that reproduce what the stepper shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.lessons.convolution.cells import bias_cells, input_cells, kernel_cells
from core.lessons.convolution.config import Stepper

_PAD_NAME = {"zeros": "constant"}
WHOLE = 1000  # numbers of a tensor that PyTorch prints without leaving any out


def constructor(config: Stepper) -> str:
    """The module as one would write it, only with the arguments that are not PyTorch's defaults.

    >>> constructor(Stepper(stride=(2, 2), padding=(1, 1, 1, 1)))
    'nn.Conv2d(1, 1, kernel_size=3, stride=2, padding=1, bias=False)'
    """
    state = config.effective
    if state.is_pool:
        name = "MaxPool2d" if state.mode == "max" else "AvgPool2d"
        stride = _argument("stride", state.stride, state.kernel)
        dilation = _argument("dilation", state.dilation, (1, 1))
        return f"nn.{name}(kernel_size={_pair(state.kernel)}{stride}{_padding(state)}{dilation})"
    name = "ConvTranspose2d" if state.mode == "transposed" else "Conv2d"
    return (
        f"nn.{name}({state.in_channels}, {state.out_channels}, kernel_size={_pair(state.kernel)}"
        + _argument("stride", state.stride, (1, 1))
        + _padding(state)
        + _argument("output_padding", state.output_padding, (0, 0))
        + _argument("dilation", state.dilation, (1, 1))
        + (f", groups={state.groups}" if state.groups > 1 else "")
        + ("" if state.bias else ", bias=False")
        + (f', padding_mode="{state.padding_mode}"' if _is_even(state) and _pads(state, "zeros") else "")
        + ")"
    )


def pytorch_code(config: Stepper) -> str:
    """A script that computes `y`, and in the backward view the gradients, as on the screen."""
    state = config.effective
    grad = ", requires_grad=True" if state.backward else ""
    script = ["import torch", "from torch import nn", ""]
    if _longest_tensor(state) > WHOLE:
        script += ['torch.set_printoptions(profile="full")', ""]
    script.append(f"x = torch.tensor({_nested(input_cells(state)[None], 17)}{grad})  # (B, C, H, W)")
    name = "pool" if state.is_pool else "conv"
    script.append(f"{name} = {constructor(state)}")
    if not state.is_pool:
        script += _parameters(state)
    script += [f"y = {name}({_input(state)})", "print(y)"]
    return "\n".join(script + (_backward(state) if state.backward else [])) + "\n"


def _longest_tensor(state: Stepper) -> int:
    """Numbers in the largest tensor that the script prints."""
    height, width = state.output_size
    sizes = [state.out_channels * height * width]
    if state.backward:
        sizes += [input_cells(state).size] + ([] if state.is_pool else [kernel_cells(state).size])
    return max(sizes)


def _parameters(state: Stepper) -> list[str]:
    """The lines that put our numbers into the module."""
    divided = f" / {state.kernel[0] * state.kernel[1]}" if state.mean else ""
    flipped = ".flip(-2, -1)" if state.flip else ""
    weight = _nested(kernel_cells(state), 32)
    operation = "a cross-correlation" if state.mode == "transposed" else "a true convolution"
    note = f"  # rotated by 180 degrees: {operation}" if state.flip else ""
    script = [f"conv.weight.data = torch.tensor({weight}){flipped}{divided}{note}"]
    if state.bias:
        script.append(f"conv.bias.data = torch.tensor({_nested(bias_cells(state), 0)})")
    return script


def _input(state: Stepper) -> str:
    """What goes into the module: x, padded by hand where the two sides differ, which no module can do."""
    if _is_even(state):
        return "x"
    top, bottom, left, right = state.padding
    mode = _PAD_NAME.get(state.padding_mode, state.padding_mode)
    return f'nn.functional.pad(x, ({left}, {right}, {top}, {bottom}), mode="{mode}")'


def _backward(state: Stepper) -> list[str]:
    target = f"y[0, {', '.join(map(str, state.picked_cell))}]" if state.picked_cell else "y.sum()"
    script = ["", f"{target}.backward()", "print(x.grad)"]
    if not state.is_pool:
        script.append(f"print(conv.weight.grad{'.flip(-2, -1)' if state.flip else ''})")
    if state.bias:
        script.append("print(conv.bias.grad)")
    return script


def _is_even(state: Stepper) -> bool:
    top, bottom, left, right = state.padding
    return top == bottom and left == right


def _pads(state: Stepper, but: str) -> bool:
    return any(state.padding) and state.padding_mode != but


def _padding(state: Stepper) -> str:
    return _argument("padding", (state.padding[0], state.padding[2]), (0, 0)) if _is_even(state) else ""


def _argument(name: str, value: tuple[int, ...], default: tuple[int, ...]) -> str:
    return "" if value == default else f", {name}={_pair(value)}"


def _pair(value: tuple[int, ...]) -> str:
    return str(value[0]) if value[0] == value[1] else str(tuple(value))


def _nested(cells: np.ndarray, indent: int) -> str:
    """Hundredths as a nested list of floats, a row a line."""
    if cells.ndim == 1:
        return "[" + ", ".join(_number(cell) for cell in cells) + "]"
    gap = "," + "\n" * (cells.ndim - 1) + " " * (indent + 1)
    return "[" + gap.join(_nested(part, indent + 1) for part in cells) + "]"


def _number(hundredths: Any) -> str:
    """2 and 2.5, and 2. where torch would otherwise take it for an integer.

    >>> _number(250), _number(-200), _number(5)
    ('2.5', '-2.', '0.05')
    """
    whole, rest = divmod(abs(int(hundredths)), 100)
    return ("-" if hundredths < 0 else "") + f"{whole}." + (f"{rest:02d}".rstrip("0"))
