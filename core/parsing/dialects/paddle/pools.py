"""Paddle's pools, and the PyTorch layers that do the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.errors import ParseError
from core.parsing.dialects.paddle.windows import Borders, borders
from core.parsing.dialects.translation import each, part, short, switch, without
from core.parsing.plan import LayerCall

Parts = tuple[LayerCall, ...]


def max_pool(axes: int) -> Callable[..., Parts]:
    """MaxPool2D."""

    def translate(
        kernel_size: Any, stride: Any = None, padding: Any = 0, return_mask: Any = False, ceil_mode: Any = False
    ) -> Parts:
        padding, ceil_mode, around = _padding(padding, kernel_size, stride, ceil_mode, axes)
        if padding is None:
            if return_mask:
                raise ParseError("return_mask=True is read without such a padding only: write the number of cells.")
            return (_bordered("max", kernel_size, stride, around, ceil_mode, True, axes),)
        settings = {"stride": stride, "padding": padding, "ceil_mode": ceil_mode, "return_indices": return_mask}
        settings = without(settings, stride=None, padding=0, ceil_mode=False, return_indices=False)
        return (part(f"MaxPool{axes}d", kernel_size, **settings),)

    return translate


def adaptive_max_pool(axes: int) -> Callable[..., Parts]:
    """AdaptiveMaxPool2D."""
    return lambda output_size, return_mask=False: (
        part(f"AdaptiveMaxPool{axes}d", output_size, **({"return_indices": True} if return_mask else {})),
    )


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
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: Any = False,
        exclusive: Any = True,
        divisor_override: Any = None,
    ) -> Parts:
        padding, ceil_mode, around = _padding(padding, kernel_size, stride, ceil_mode, axes)
        exclusive = switch(exclusive, "exclusive")
        if padding is None:
            return (_bordered("mean", kernel_size, stride, around, ceil_mode, exclusive, axes),)
        settings = {"stride": stride, "padding": padding, "ceil_mode": ceil_mode}
        if divisor_override is not None:
            settings["divisor_override"] = divisor_override
        settings["count_include_pad"] = not exclusive or padding in (0, (0,) * axes)
        settings = without(settings, stride=None, padding=0, ceil_mode=False, count_include_pad=True)
        return (part(f"AvgPool{axes}d", kernel_size, **settings),)

    if axes == 1:
        return lambda kernel_size, stride=None, padding=0, exclusive=True, ceil_mode=False: translate(
            kernel_size, stride, padding, ceil_mode, exclusive
        )
    return translate


def _bordered(
    kind: str, kernel_size: Any, stride: Any, around: Any, ceil_mode: Any, exclusive: bool, axes: int
) -> LayerCall:
    """A pool that PyTorch has not."""
    kernel = each(kernel_size, axes, "kernel_size")
    steps = kernel if stride is None else each(stride, axes, "stride")
    return part("BorderedPool", kind, kernel, steps, around, bool(ceil_mode), exclusive)


def _padding(padding: Any, kernel_size: Any, stride: Any, ceil_mode: Any, axes: int) -> tuple[Any, Any, Borders | None]:
    """Cells on both sides, `ceil_mode`, and the cells on each side; the first is None if PyTorch has no such pool."""
    around = borders(padding, axes)
    if around is None:
        return _same_padding(each(kernel_size, axes, "kernel_size"), stride, ceil_mode)
    if any(first != last for first, last in around) or (ceil_mode is True and any(map(any, around))):
        return None, ceil_mode, around
    return short([first for first, _ in around]), ceil_mode, around


def _same_padding(sizes: tuple[int, ...], stride: Any, ceil_mode: Any) -> tuple[Any, Any, None]:
    """What "SAME" comes to, where it does not depend on the input.

    Of windows of two cells side by side, at most one cell is missing, behind the last.
    """
    steps = sizes if stride is None else each(stride, len(sizes), "stride")
    if sizes == steps and set(sizes) <= {1, 2}:
        return 0, True, None
    if all(size % 2 for size in sizes) and set(steps) == {1}:
        return short([size // 2 for size in sizes]), ceil_mode, None
    return None, False, None
