"""Stacks of windows along one side: their sizes, where they end, and how far back one cell sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.shapes.sizes import Padding, conv_output_size, conv_transpose_output_size, ends, require_legal, span


@dataclass(frozen=True)
class Window:
    """How a convolution or pooling reads its input, along one side."""

    kernel: int
    stride: int = 1
    padding: Padding = 0
    dilation: int = 1

    def output_size(self, size: int) -> int:
        """Length of one side behind this window; raises ShapeError as `conv_output_size` does."""
        return conv_output_size(size, self.kernel, self.stride, self.padding, self.dilation)


@dataclass(frozen=True)
class TransposedWindow:
    """How a transposed convolution writes its output, along one side."""

    kernel: int
    stride: int = 1
    padding: int = 0
    output_padding: int = 0
    dilation: int = 1

    def output_size(self, size: int) -> int:
        """Length of one side behind it; raises ShapeError as `conv_transpose_output_size` does."""
        return conv_transpose_output_size(
            size, self.kernel, self.stride, self.padding, self.output_padding, self.dilation
        )


def stack_sizes(size: int, windows: Iterable[Window]) -> tuple[int, ...]:
    """The size of one side after each layer of a stack, the input first; raises ShapeError where a layer does not fit.

    >>> stack_sizes(224, [Window(7, 2, 3), Window(3, 2, 1)])
    (224, 112, 56)
    """
    sizes = [size]
    for window in windows:
        sizes.append(window.output_size(sizes[-1]))
    return tuple(sizes)


def layers_until_gone(size: int, kernel: int, stride: int = 1, padding: Padding = 0, dilation: int = 1) -> int | None:
    """How many such layers can be stacked before the next one does not fit; None if there is no end.

    >>> layers_until_gone(32, 3), layers_until_gone(32, 3, padding=1)
    (15, None)
    """
    require_legal(size=size, kernel=kernel, stride=stride, dilation=dilation, padding=padding)
    layers = 0
    while size + sum(ends(padding)) >= span(kernel, dilation):
        smaller = conv_output_size(size, kernel, stride, padding, dilation)
        if smaller >= size:
            return None
        size, layers = smaller, layers + 1
    return layers


@dataclass(frozen=True)
class ReceptiveField:
    """What one cell behind a stack sees of the input, in input cells along one side.

    `size` cells; neighbours see fields that lie `jump` apart; the first cell's field begins at `start`, which is
    negative where it reaches into the padding.
    """

    size: int = 1
    jump: int = 1
    start: int = 0

    def seen_by(self, cell: int) -> tuple[int, int]:
        """First and last input cell that output cell `cell` sees, padding included.

        >>> ReceptiveField(size=5, jump=2, start=-1).seen_by(3)
        (5, 9)
        """
        first = self.start + cell * self.jump
        return first, first + self.size - 1


def receptive_field(windows: Iterable[Window]) -> tuple[ReceptiveField, ...]:
    r"""The receptive field behind each layer of a stack, in order.

    $$r_l = r_{l-1} + d(k - 1)\,j_{l-1}, \qquad j_l = s\,j_{l-1}, \qquad a_l = a_{l-1} - p\,j_{l-1}$$

    (r: size, j: jump, a: start; before the first layer 1, 1 and 0.)
    Source: Araujo, Norris & Sim 2019, Distill, doi:10.23915/distill.00021.

    >>> receptive_field([Window(3), Window(2, stride=2), Window(3)])[-1]
    ReceptiveField(size=8, jump=2, start=0)
    """
    fields = [ReceptiveField()]
    for window in windows:
        require_legal(kernel=window.kernel, stride=window.stride, dilation=window.dilation, padding=window.padding)
        below = fields[-1]
        fields.append(
            ReceptiveField(
                size=below.size + (span(window.kernel, window.dilation) - 1) * below.jump,
                jump=below.jump * window.stride,
                start=below.start - ends(window.padding)[0] * below.jump,
            )
        )
    return tuple(fields[1:])
