"""Functions of Paddle that slide a window, and those that pad: PyTorch's under other settings.

Source: paddle.nn.functional of Paddle 3.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from core.errors import ParseError
from core.parsing.dialects.paddle.functions import own
from core.parsing.dialects.paddle.transposed_windows import StatedTransposed, taken_away, without
from core.parsing.dialects.paddle.windows import borders, max_pooled, mean_pooled, padded
from core.parsing.dialects.translation import each
from core.parsing.evaluation.values import Builtin

CONVOLUTIONS = (F.conv1d, F.conv2d, F.conv3d)
TRANSPOSED: tuple[Callable[..., Tensor], ...] = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)
ADAPTIVE: tuple[Callable[..., Any], ...] = (
    F.adaptive_max_pool1d_with_indices, F.adaptive_max_pool2d_with_indices, F.adaptive_max_pool3d_with_indices
)  # fmt: skip
MASKED = (F.max_pool1d_with_indices, F.max_pool2d_with_indices, F.max_pool3d_with_indices)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _convolution(axes: int) -> Callable[..., Tensor]:
    def convolve(x: Tensor, weight: Tensor, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1,
                 groups: int = 1) -> Tensor:  # fmt: skip
        around = borders(padding, axes)
        steps, spread = each(_plain(stride), axes, "stride"), _plain(dilation)
        kernel: tuple[int, ...] = tuple(weight.shape[-axes:])
        spread = 1 if around is None else spread
        inner = padded(x, kernel, steps, around, False, 0.0)
        return CONVOLUTIONS[axes - 1](inner, weight, bias, steps, 0, spread, groups)

    convolve.__name__ = f"conv{axes}d"
    return convolve


def _window(kernel_size: Any, stride: Any, axes: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    kernel = each(_plain(kernel_size), axes, "kernel_size")
    return kernel, kernel if stride is None else each(_plain(stride), axes, "stride")


def _max_pool(axes: int) -> Callable[..., Any]:
    def pool(x: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, return_mask: bool = False,
             ceil_mode: bool = False) -> Any:  # fmt: skip
        kernel, steps = _window(kernel_size, stride, axes)
        around = borders(padding, axes)
        if return_mask:
            if around is None or any(first != last for first, last in around):
                raise ParseError("return_mask=True is read with as many cells on both sides only.")
            return MASKED[axes - 1](x, kernel, steps, tuple(first for first, _ in around), (1,) * axes, ceil_mode)
        return max_pooled(x, kernel, steps, around, ceil_mode)

    pool.__name__ = f"max_pool{axes}d"
    return pool


def _adaptive_max_pool(axes: int) -> Callable[..., Any]:
    def pool(x: Tensor, output_size: Any, return_mask: bool = False) -> Any:
        output, places = ADAPTIVE[axes - 1](x, _plain(output_size))
        return (output, places) if return_mask else output

    pool.__name__ = f"adaptive_max_pool{axes}d"
    return pool


def _transposed(axes: int) -> Callable[..., Tensor]:
    def convolve(x: Tensor, weight: Tensor, bias: Any = None, stride: Any = 1, padding: Any = 0,
                 output_padding: Any = 0, groups: int = 1, dilation: Any = 1,
                 output_size: Any = None) -> Tensor:  # fmt: skip
        kernel: tuple[int, ...] = tuple(weight.shape[-axes:])
        sides, steps, around = tuple(x.shape[2:]), each(_plain(stride), axes, "stride"), borders(padding, axes)
        window = StatedTransposed(sides, steps, _plain(padding), _plain(dilation))
        added = _plain(output_padding) if output_size is None else window.added(kernel, _plain(output_size))
        spread = 1 if around is None else _plain(dilation)
        y = TRANSPOSED[axes - 1](x, weight, bias, steps, 0, added, groups, spread)
        return without(taken_away(sides, kernel, steps, around), y)

    convolve.__name__ = f"conv{axes}d_transpose"
    return convolve


def _average_pool(axes: int) -> Callable[..., Tensor]:
    def pool(x: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
             exclusive: bool = True, divisor_override: Any = None) -> Tensor:  # fmt: skip
        kernel, steps = _window(kernel_size, stride, axes)
        mean = mean_pooled(x, kernel, steps, borders(padding, axes), ceil_mode, exclusive and not divisor_override)
        return mean * math.prod(kernel) / divisor_override if divisor_override else mean

    def pool_of_steps(x: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, exclusive: bool = True,
                      ceil_mode: bool = False) -> Tensor:  # fmt: skip
        return pool(x, kernel_size, stride, padding, ceil_mode, exclusive)

    chosen = pool_of_steps if axes == 1 else pool
    chosen.__name__ = f"avg_pool{axes}d"
    return chosen


def _pad(x: Tensor, pad: Any, mode: str = "constant", value: float = 0.0, data_format: str = "NCHW",
         pad_from_left_axis: bool = True) -> Tensor:  # fmt: skip
    """Cells for each side: of all axes from the first on, or of the inner ones from the last on."""
    rank = x.dim()
    cells = [pad] * (2 * (rank - 2)) if isinstance(pad, int) else list(pad)
    if mode == "constant" and len(cells) == 2 * rank and pad_from_left_axis:
        cells = [one for place in range(rank - 1, -1, -1) for one in cells[2 * place : 2 * place + 2]]
    elif data_format.upper()[-1] == "C" and len(cells) < 2 * rank:
        cells = [0, 0, *cells]
    return F.pad(x, cells, mode, **({"value": value} if mode == "constant" else {}))


WINDOW_FUNCTIONS: dict[str, Builtin] = {
    **{f"conv{axes}d": own(_convolution(axes)) for axes in (1, 2, 3)},
    **{f"max_pool{axes}d": own(_max_pool(axes)) for axes in (1, 2, 3)},
    **{f"avg_pool{axes}d": own(_average_pool(axes)) for axes in (1, 2, 3)},
    **{f"adaptive_max_pool{axes}d": own(_adaptive_max_pool(axes)) for axes in (1, 2, 3)},
    **{f"conv{axes}d_transpose": own(_transposed(axes)) for axes in (1, 2, 3)},
    "pad": own(_pad),
}
