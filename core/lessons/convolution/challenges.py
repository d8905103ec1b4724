"""Things to achieve with the stepper, each with a check that looks at the state on the screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.lessons.convolution.cells import kernel_cells
from core.lessons.convolution.config import Stepper, write_counts


@dataclass(frozen=True)
class Challenge:
    """A task in words, whether a state solves it, and a hint."""

    task: str
    solved: Callable[[Stepper], bool]
    hint: str


def _shrinks_9_to_7(state: Stepper) -> bool:
    plain = state.mode == "conv" and not any(state.padding)
    return plain and state.size == (9, 9) and state.output_size == (7, 7) and state.kernel != (3, 3)


def _keeps_size_dilated(state: Stepper) -> bool:
    dilated = state.mode == "conv" and state.kernel == (3, 3) and min(state.dilation) > 1
    return dilated and state.output_size == state.size


def _uniform_write_counts(state: Stepper) -> bool:
    if state.mode != "transposed" or min(state.stride) < 2:
        return False
    return all(len(set(side)) == 1 and side[0] > 0 for side in write_counts(state))


def _halves_without_pooling(state: Stepper) -> bool:
    halved = tuple(2 * side for side in state.output_size) == state.size
    return state.mode == "conv" and halved


def _is_average_pool(state: Stepper) -> bool:
    """One channel in, one out: the layer computes the same as nn.AvgPool2d(2), whatever its numbers are."""
    if state.mode != "conv" or (state.in_channels, state.out_channels) != (1, 1):
        return False
    if state.kernel != (2, 2) or state.stride != (2, 2) or any(state.padding) or state.dilation != (1, 1) or state.bias:
        return False
    return bool(np.all(kernel_cells(state) == (100 if state.mean else 25)))


CHALLENGES = (
    Challenge(
        "Make a 7×7 output from a 9×9 input without padding and without a 3×3 kernel.",
        _shrinks_9_to_7,
        "Dilation stretches a small kernel: how many cells must it span so that it fits 7 times?",
    ),
    Challenge(
        "Keep the size of the input with a dilated 3×3 kernel.",
        _keeps_size_dilated,
        "A 3×3 kernel with dilation d spans 2d + 1 cells and loses d cells on each side.",
    ),
    Challenge(
        "Make a transposed convolution with stride 2 or more that writes to every output cell equally often.",
        _uniform_write_counts,
        "The counts are in the corners of the cells. When do the stamped kernels tile without overlap?",
    ),
    Challenge(
        "Halve both sides of the input with a convolution, without any pooling.",
        _halves_without_pooling,
        "Use a stride of 2 and just enough padding.",
    ),
    Challenge(
        "Turn a convolution into `AvgPool2d(2)`: same windows, same values.",
        _is_average_pool,
        "Kernel 2, stride 2, and weights that sum to 1: type 0.25 into each, or divide a kernel of ones by its size.",
    ),
)
