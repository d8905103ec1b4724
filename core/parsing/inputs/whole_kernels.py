"""Inputs of a first convolution whose kernel is as long as one side: words times their vectors, sensors times steps."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import nn

Shape = tuple[int, ...]
LEAST, MOST_OTHER = 10, 9  # lengths of such a kernel, and of its other side
STEPS = 32
LENGTH = re.compile(
    r"((max|seq|sequence|sent|sentence|text|input|in|n|num|window)_?)?(l|len|length|samples|time_?(steps|points)?|steps|t)"
)


def inputs_of_whole_kernel(layer: nn.Module | None, numbers: Mapping[str, int]) -> list[Shape]:
    """The input that such a layer is made for; none where its kernel is none, or is padded on that side.

    Args: `numbers` of the text by their names, of which one may be the length of the other side.

    >>> inputs_of_whole_kernel(nn.Conv2d(1, 100, (3, 300)), {"max_len": 40})
    [(1, 40, 300)]
    """
    if not isinstance(layer, nn.Conv2d) or isinstance(layer.padding, str):
        return []
    kernel = layer.kernel_size
    whole = [axis for axis in (0, 1) if kernel[axis] >= LEAST and not layer.padding[axis]]
    if len(whole) != 1 or kernel[1 - whole[0]] > MOST_OTHER:
        return []
    lengths = [value for name, value in numbers.items() if LENGTH.fullmatch(name.lower()) and value > MOST_OTHER]
    sides = [*lengths[:1], STEPS][:1] * 2
    sides[whole[0]] = kernel[whole[0]]
    return [(layer.in_channels, *sides)]
