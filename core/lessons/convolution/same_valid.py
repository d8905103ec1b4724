"""What TensorFlow's paddings "same" and "valid" would do with the layer on the screen."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import ShapeError
from core.lessons.convolution.config import Stepper
from core.shapes import same_output_size, same_padding, valid_output_size


@dataclass(frozen=True)
class TensorFlowPadding:
    """`same_padding` is (top, bottom, left, right); sizes are (height, width), `valid_size` None if no window fits."""

    same_padding: tuple[int, int, int, int]
    same_size: tuple[int, int]
    valid_size: tuple[int, int] | None


def tensorflow_padding(config: Stepper) -> TensorFlowPadding | None:
    """Padding and output size under both names; None for a transposed convolution, where the words mean something else.

    >>> tensorflow_padding(Stepper(size=(9, 8), stride=(2, 2)))
    TensorFlowPadding(same_padding=(1, 1, 0, 1), same_size=(5, 4), valid_size=(4, 3))
    """
    state = config.effective
    if state.mode == "transposed":
        return None
    axes = list(zip(state.size, state.kernel, state.stride, state.dilation, strict=True))
    top_bottom, left_right = (same_padding(*axis) for axis in axes)
    height, width = (same_output_size(size, stride) for size, _, stride, _ in axes)
    try:
        rows, columns = (valid_output_size(*axis) for axis in axes)
    except ShapeError:
        return TensorFlowPadding((*top_bottom, *left_right), (height, width), None)
    return TensorFlowPadding((*top_bottom, *left_right), (height, width), (rows, columns))
