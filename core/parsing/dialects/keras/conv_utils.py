"""Keras's helpers of layers that a text writes itself: sizes of windows, and of what a convolution gives.

Source: keras.utils.conv_utils of Keras 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Namespace


def _each(call: BuiltinCall, value: Any, n: Any, name: Any = "", *args: Any, **kwargs: Any) -> tuple[int, ...]:
    """`normalize_tuple(3, 2, "kernel_size")`: a number for each axis."""
    given, count = call.evaluator.resolve_all([value, n], call.node)
    sizes = tuple(given) if isinstance(given, (list, tuple)) else (given,) * min(count, 8)
    if len(sizes) != count or not all(type(size) is int for size in sizes):
        raise call.fail(f"{str(name)[:40]} must be an integer or {count} of them, not {str(given)[:40]}.")
    return sizes


def _lowered(usual: str) -> Callable[..., Any]:
    def run(call: BuiltinCall, value: Any = None, *args: Any, **kwargs: Any) -> str:
        said = call.evaluator.resolve(value, call.node)
        return usual if said is None else str(said).lower()

    return run


def convolved_length(length: int | None, size: int, padding: str, stride: int, dilation: int = 1) -> int | None:
    """Cells of a side behind a convolution; None where the side is open.

    >>> convolved_length(28, 3, "same", 2), convolved_length(28, 3, "valid", 1), convolved_length(28, 3, "full", 1)
    (14, 26, 30)
    """
    if length is None:
        return None
    reach = size + (size - 1) * (dilation - 1)
    wider = {"same": 0, "causal": 0, "valid": 1 - reach, "full": reach - 1}[padding]
    return (length + wider + stride - 1) // stride


def _convolved(call: BuiltinCall, *args: Any, **kwargs: Any) -> int | None:
    names = ("input_length", "filter_size", "padding", "stride", "dilation")
    given = {"dilation": 1} | dict(zip(names, args, strict=False)) | kwargs
    sizes = call.evaluator.resolve_all([given.get(name) for name in names], call.node)
    if str(sizes[2]) not in ("same", "valid", "full", "causal") or not all(type(sizes[n]) is int for n in (1, 3, 4)):
        raise call.fail("it takes the length of a side, the window, its padding and its stride.")
    return convolved_length(*sizes)


_HELPERS: Mapping[str, Callable[..., Any]] = {
    "normalize_tuple": _each,
    "normalize_data_format": _lowered("channels_last"),
    "normalize_padding": _lowered("valid"),
    "conv_output_length": _convolved,
}
HELPERS = {name: Builtin(name, run, needs_call=True) for name, run in _HELPERS.items()}
CONV_UTILS = Namespace("keras.utils.conv_utils", HELPERS)
