"""Transposed convolutions that say how large their output is, and leave the kernel or the odd cells to Paddle.

Source: `conv2d_transpose` of paddle.fluid.layers, Paddle 1.8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.errors import ParseError
from core.parsing.dialects.paddle.windows import borders
from core.parsing.dialects.translation import each, short


@dataclass(frozen=True)
class TransposedWindow:
    """The image that such a layer is called on, and its settings under Paddle's names."""

    sides: tuple[int, ...]
    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1

    def kernel(self, output_size: Any) -> Any:
        """The sides of the kernel, of which only the output is said.

        >>> TransposedWindow((7, 7), stride=2).kernel((14, 14))
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

        >>> TransposedWindow((7, 7), stride=2, padding=2).added(5, (14, 14))
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
