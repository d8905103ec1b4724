"""The sentences of the kernels page that have a condition, each a function of what it is about."""

from __future__ import annotations

import math

from core.lessons.kernels.analysis import KernelCost
from core.lessons.kernels.filtering import ConvSettings
from core.lessons.kernels.hidden_kernel import CONVERGED_LOSS, DescentStep
from core.shapes import conv_output_size

ALIKE = 1000  # from this condition number of the loss on, neighbouring pixels are the reason of a slow descent
RECOVERED = 0.01  # the largest error of a weight at which the hidden kernel counts as recovered


def size_numbers(sides: tuple[int, int], kernel: tuple[int, int], conv: ConvSettings) -> tuple[str, str]:
    """The size formula along height and width with this moment's numbers, in LaTeX."""
    height, width = (
        rf"\left\lfloor\frac{{{side} + 2\cdot {pad} - {conv.dilation}({k} - 1) - 1}}{{{conv.stride}}}"
        rf"\right\rfloor + 1 = {conv_output_size(side, k, conv.stride, pad, conv.dilation)}"
        for side, k, pad in zip(sides, kernel, conv.padding_of(*kernel), strict=True)
    )
    return height, width


def separability(rank: int, kernel: tuple[int, int], stride: int, cost: KernelCost) -> str:
    """Whether a kernel is a column times a row, and what that saves or costs at this stride."""
    if rank != 1:
        return "All weights are 0." if rank == 0 else f"Rank {rank}: a sum of {rank} column × row products."
    height, width = kernel
    if min(kernel) == 1:
        return "Rank 1: a single row or column already, so there is nothing to separate."
    words = f"Rank 1: a column times a row. A {height}×1 convolution, then a 1×{width} one: {cost.separable:,} "
    if cost.separable == cost.direct:
        return f"{words}multiplications, as many as with the kernel as it is."
    if cost.separable < cost.direct:
        inside = f" Inside, {height} + {width} for each output, not {height * width}." if stride == 1 else ""
        return f"{words}multiplications instead of {cost.direct:,}.{inside}"
    small = height + width >= height * width
    why = (
        "so small a kernel gains nothing."
        if small
        else f"the first computes {cost.columns} columns for the {cost.outputs} that the second makes."
    )
    return f"{words}multiplications, more than the {cost.direct:,} of the kernel as it is: {why}"


def descent_result(last: DescentStep, largest_error: float, condition: float, can_go_faster: bool) -> tuple[str, str]:
    """How gradient descent ended ("diverged", "recovered", "ambiguous", "unfinished"), and the sentence that says why.

    Args: `condition` is the condition number of the loss; `can_go_faster` says whether a larger learning rate exists.
    """
    if not math.isfinite(last.loss):
        return "diverged", "The loss diverged: lower the learning rate."
    if largest_error < RECOVERED:
        return "recovered", "Found: one input and its output were enough."
    if math.isinf(condition):
        return "ambiguous", (
            "Not the hidden kernel: this image varies too little, so that many kernels give the same output, and no "
            "number of steps can tell them apart. Learn from a more varied image."
        )
    larger = "a larger learning rate or " if can_go_faster else ""
    after = f"Not found after {last.step:,} steps"
    if last.loss < CONVERGED_LOSS:
        return "unfinished", f"{after}: the loss is below {CONVERGED_LOSS:g}, where descent stops."
    if condition >= ALIKE:
        return "unfinished", (
            f"{after}: neighbouring pixels of this image are so alike that some changes of the kernel hardly change "
            f"its output. The loss curves {condition:,.0f} times less along one direction than along another. A more "
            f"varied image, {larger}another optimizer may get there."
        )
    return "unfinished", f"{after}, and the loss is still {last.loss:.1e}: {larger}another optimizer may get there."
