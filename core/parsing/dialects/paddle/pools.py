"""Paddle's pools, and the PyTorch layers that do the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.errors import ParseError
from core.parsing.dialects.translation import part, switch, without, word
from core.parsing.plan import LayerCall

Parts = tuple[LayerCall, ...]


def max_pool(axes: int) -> Callable[..., Parts]:
    """MaxPool2D."""

    def translate(
        kernel_size: Any, stride: Any = None, padding: Any = 0, return_mask: Any = False, ceil_mode: Any = False
    ) -> Parts:
        padding, ceil_mode = _pool_padding(padding, kernel_size, stride, ceil_mode)
        _check_ceil(ceil_mode, padding, axes)
        settings = {"stride": stride, "padding": padding, "ceil_mode": ceil_mode, "return_indices": return_mask}
        settings = without(settings, stride=None, padding=0, ceil_mode=False, return_indices=False)
        return (part(f"MaxPool{axes}d", kernel_size, **settings),)

    return translate


def max_unpool(axes: int) -> Callable[..., Parts]:
    """MaxUnPool2D, which puts values back to where MaxPool2D found them."""

    def translate(kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None) -> Parts:
        if output_size is not None:
            raise ParseError("output_size is read at the call only: leave it out.")
        return (
            part(
                f"MaxUnpool{axes}d",
                kernel_size,
                **without({"stride": stride, "padding": padding}, stride=None, padding=0),
            ),
        )

    return translate


def average_pool(axes: int) -> Callable[..., Parts]:
    """AvgPool2D leaves padded cells out of the mean, unless exclusive=False; PyTorch counts them by default.

    AvgPool1D has its settings in another order.
    """

    def translate(
        kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: Any = False, exclusive: Any = True
    ) -> Parts:
        padding, ceil_mode = _pool_padding(padding, kernel_size, stride, ceil_mode)
        _check_ceil(ceil_mode, padding, axes)
        settings = {"stride": stride, "padding": padding, "ceil_mode": ceil_mode}
        settings["count_include_pad"] = not switch(exclusive, "exclusive") or padding in (0, (0,) * axes)
        settings = without(settings, stride=None, padding=0, ceil_mode=False, count_include_pad=True)
        return (part(f"AvgPool{axes}d", kernel_size, **settings),)

    if axes == 1:
        return lambda kernel_size, stride=None, padding=0, exclusive=True, ceil_mode=False: translate(
            kernel_size, stride, padding, ceil_mode, exclusive
        )
    return translate


def _pool_padding(padding: Any, kernel_size: Any, stride: Any, ceil_mode: Any) -> tuple[Any, Any]:
    """Cells on each side, and `ceil_mode`, for the words "SAME", where these do not depend on the input, and "VALID".

    Windows of two cells side by side: at most one cell is missing, behind the last.
    """
    if not isinstance(padding, str):
        return padding, ceil_mode
    sizes = kernel_size if isinstance(kernel_size, tuple) else (kernel_size,)
    if word(padding, "padding", ("same", "valid")) == "valid":
        return 0, ceil_mode
    steps = sizes if stride is None else stride if isinstance(stride, tuple) else (stride,) * len(sizes)
    if tuple(sizes) == tuple(steps) and set(sizes) <= {1, 2}:
        return 0, True
    is_odd = all(type(size) is int and size % 2 for size in sizes)
    if not is_odd or stride not in (1, (1,) * len(sizes)):
        raise ParseError("padding='SAME' depends on the input size here: write the number of cells.")
    cells = tuple(size // 2 for size in sizes)
    return (cells if len(cells) > 1 else cells[0]), ceil_mode


def _check_ceil(ceil_mode: Any, padding: Any, axes: int) -> None:
    if ceil_mode is True and padding not in (0, (0,) * axes):
        raise ParseError(
            "ceil_mode=True with padding gives other sizes in Paddle than in PyTorch, which drops a last window that "
            "covers only padding: leave one of them out."
        )
