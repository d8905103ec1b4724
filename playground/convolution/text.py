"""What the convolution page says about the state of the stepper: its size formula, and TensorFlow's paddings."""

from __future__ import annotations

import numpy as np

from core.lessons.convolution import Stepper, kernel_cells
from core.lessons.convolution.same_valid import TensorFlowPadding

CORRELATION, CONVOLUTION = r"**cross-correlation** ($x \star w$)", "**convolution** ($x * w$)"
SYMBOLS = r"$n$ = input size, $k$ = kernel size, $s$ = stride, $p$ = padding on each side, $d$ = dilation"
TRANSPOSED_SYMBOLS = SYMBOLS + r", $o$ = output padding"


def operation(state: Stepper) -> str:
    """Whether this layer computes a cross-correlation or a convolution, as Markdown; empty for pooling."""
    now = state.effective
    if now.is_pool:
        return ""
    kernels = kernel_cells(now)
    symmetric = bool(np.array_equal(kernels, kernels[..., ::-1, ::-1]))
    word = "this kernel is" if kernels[..., 0, 0].size == 1 else "these kernels are"
    same = f" Here {word} the same after that rotation, so both give the same output." if symmetric else ""
    if now.mode == "transposed":
        how, name = ("rotated by 180°", CORRELATION) if now.flip else ("as it is", CONVOLUTION)
        other, would = ("as it is", "convolution") if now.flip else ("rotated by 180°", "cross-correlation")
        return (
            f"Each input cell adds the kernel, {how}, to the output: with the inputs set apart by the stride, this "
            f"is the {name} of mathematics. With the kernel {other} it is the {would}.{same}"
        )
    if now.flip:
        return (
            f"The kernel is rotated by 180° before it is laid on the input: this is the {CONVOLUTION} of mathematics. "
            f"`nn.Conv2d` by itself does not rotate it and computes the {CORRELATION}.{same}"
        )
    return (
        f"The kernel is laid on the input as it is. Mathematics calls this {CORRELATION}; deep learning, `nn.Conv2d` "
        f"included, calls it convolution. The {CONVOLUTION} of mathematics rotates the kernel by 180° first.{same}"
    )


def size_numbers(state: Stepper, axis: int) -> str:
    """The size formula along the height (0) or width (1) with this moment's numbers, in LaTeX."""
    now = state.effective
    size, kernel, stride, dilation = (getattr(now, n)[axis] for n in ("size", "kernel", "stride", "dilation"))
    before, after = now.ends(axis)
    side = state.output_size[axis]
    if now.mode == "transposed":
        extra = now.output_padding[axis]
        return rf"({size} - 1)\cdot{stride} - 2\cdot{before} + {dilation}\cdot({kernel} - 1) + {extra} + 1 = {side}"
    inside = rf"{size} + ({before} + {after}) - {dilation}\cdot({kernel} - 1) - 1"
    return rf"\left\lfloor\frac{{{inside}}}{{{stride}}}\right\rfloor + 1 = {side}"


def same_and_valid(padding: TensorFlowPadding) -> str:
    """What "same" and "valid" would do here, as Markdown."""
    top, bottom, left, right = padding.same_padding
    valid = "no window fits here" if padding.valid_size is None else f"here {_size(padding.valid_size)}"
    sides = f"{top} top, {bottom} bottom, {left} left, {right} right"
    return (
        f'**In TensorFlow and Keras**, `padding="valid"` means no padding ({valid}), and `padding="same"` pads with '
        f"zeros until the output has ⌈n/s⌉ cells per side (here {_size(padding.same_size)}; padding {sides}). PyTorch "
        f'has `padding="same"` for stride 1 only; otherwise put `nn.ZeroPad2d(({left}, {right}, {top}, {bottom}))` '
        "before the layer."
    )


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"
