"""Transposed convolutions that say how large their output is, or whose output is cut unevenly.

Source: `conv2d_transpose` of paddle.fluid.layers, Paddle 1.8; UpdatePaddingAndDilation of paddle/phi, release 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.dialects.paddle.windows import Borders, Sides, borders
from core.parsing.dialects.translation import each, short
from core.shapes import same_padding


@dataclass(frozen=True)
class StatedTransposed:
    """The image that such a layer is called on, and its settings under Paddle's names."""

    sides: tuple[int, ...]
    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1

    def kernel(self, output_size: Any) -> Any:
        """The sides of the kernel, of which only the output is said.

        >>> StatedTransposed((7, 7), stride=2).kernel((14, 14))
        2
        """
        if output_size is None:
            raise ParseError("it takes filter_size or output_size: write one of them.")
        wanted = each(output_size, len(self.sides), "output_size")
        return short(
            [(n - at + d - 1) // d for n, at, d in zip(wanted, self._begins(), self._dilations(), strict=True)]
        )

    def added(self, kernel: Any, output_size: Any) -> Any:
        """Cells that the output has beyond those of its windows. Raises: ParseError where it cannot be of that size.

        >>> StatedTransposed((7, 7), stride=2, padding=2).added(5, (14, 14))
        1
        """
        axes = len(self.sides)
        kernels, strides = each(kernel, axes, "filter_size"), each(self.stride, axes, "stride")
        ends = [at + d * (k - 1) + 1 for at, d, k in zip(self._begins(), self._dilations(), kernels, strict=True)]
        added = [n - end for n, end in zip(each(output_size, axes, "output_size"), ends, strict=True)]
        if not all(0 <= cells < step for cells, step in zip(added, strides, strict=True)):
            least = "×".join(map(str, ends))
            raise ParseError(f"output_size must be at least {least}, and larger by less than the stride.")
        return short(added)

    def _begins(self) -> list[int]:
        """Where the last window begins on each axis."""
        around = borders(self.padding, len(self.sides)) or ((0, 0),) * len(self.sides)
        strides = each(self.stride, len(self.sides), "stride")
        return [(n - 1) * step - sum(both) for n, step, both in zip(self.sides, strides, around, strict=True)]

    def _dilations(self) -> tuple[int, ...]:
        return each(self.dilation, len(self.sides), "dilation")


def taken_away(sides: Sides, kernel: Sides, stride: Sides, around: Borders | None) -> Borders:
    """Cells that the padding of a transposed convolution takes away, "SAME" for `None`."""
    if around is not None:
        return around
    return [same_padding(*window) for window in zip(sides, kernel, stride, strict=True)]


def without(cells: Borders, y: Tensor) -> Tensor:
    """An output without those cells at its borders."""
    kept = [slice(first, n - last) for n, (first, last) in zip(y.shape[2:], cells, strict=True)]
    return y[(slice(None), slice(None), *kept)]


class Cut(nn.Module):
    """A transposed convolution whose padding takes other cells away before than behind; `around` is None for "SAME".

    Shapes: (B, C, *sides) in, as many sides out.
    """

    kernel_size: Sides
    stride: Sides

    def __init__(self, *sizes: Any, around: Borders | None = None, **settings: Any):
        super().__init__(*sizes, **settings)
        self.around = around

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        cells = taken_away(tuple(input.shape[2:]), self.kernel_size, self.stride, self.around)
        whole = output_size and [n + sum(both) for n, both in zip(output_size, cells, strict=True)]
        return without(cells, super().forward(input, whole))


class CutConvTranspose1d(Cut, nn.ConvTranspose1d):
    """In one direction."""


class CutConvTranspose2d(Cut, nn.ConvTranspose2d):
    """In two directions."""


class CutConvTranspose3d(Cut, nn.ConvTranspose3d):
    """In three directions."""


class ToldConvTranspose2d(nn.ConvTranspose2d):
    """One whose output always has the size that it was told when it was made."""

    def __init__(self, *sizes: Any, told: Sides, **settings: Any):
        super().__init__(*sizes, **settings)
        self.told = told

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        return super().forward(input, list(self.told))


CUT: dict[str, type[nn.Module]] = {
    one.__name__: one for one in (CutConvTranspose1d, CutConvTranspose2d, CutConvTranspose3d, ToldConvTranspose2d)
}
