"""What the convolution page says about the state of the stepper: its size formula, and TensorFlow's paddings."""

from __future__ import annotations

from core.lessons.convolution import Stepper
from core.lessons.convolution.same_valid import TensorFlowPadding

SYMBOLS = r"$n$ = input size, $k$ = kernel size, $s$ = stride, $p$ = padding on each side, $d$ = dilation"
TRANSPOSED_SYMBOLS = SYMBOLS + r", $o$ = output padding"


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
