"""TensorFlow's functions of images: other sizes, and channels as the cells of blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from core.errors import ParseError
from core.parsing.dialects.keras.input_symbols import symbol
from core.parsing.dialects.keras.symbols import KerasTensor, applied
from core.parsing.dialects.keras.tensor_functions.copies import MOST_COPIES
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin


def _resize(method: str = "bilinear") -> Builtin:
    """`tf.image.resize(x, sizes, method)`, and functions that are named by the method."""

    def run(call: BuiltinCall, x: Any, size: Any, way: Any = None, *args: Any, **kwargs: Any) -> KerasTensor:
        sizes = call.evaluator.resolve_all(list(call.iterate(size)), call.node)
        x = symbol(call, x)
        if len(x.shape) != 3 or not all(type(n) is int and 0 < n <= 8192 for n in sizes):
            raise ParseError("resize takes maps and two sizes.")
        said = str(kwargs.get("method", kwargs.get("interpolation", way)) or method).lower()
        if "nearest" in said:
            return applied(F.interpolate, x, sizes)
        mode = "bicubic" if "cubic" in said else "bilinear"
        return applied(F.interpolate, x, sizes, mode=mode, align_corners=False)

    return Builtin("resize", run, needs_call=True)


def _block(is_unfolded: bool) -> Callable[..., KerasTensor]:
    """`tf.nn.depth_to_space(x, 2)` and its opposite: channels as the cells of blocks."""

    def run(call: BuiltinCall, x: Any, block_size: Any = 2, *args: Any, **kwargs: Any) -> KerasTensor:
        size = call.evaluator.resolve(block_size, call.node)
        if len(symbol(call, x).shape) != 3 or type(size) is not int or not 2 <= size <= MOST_COPIES:
            raise call.fail("it takes maps, and the side of a block from 2.")
        return applied(_unfolded if is_unfolded else _folded_up, x, size, name=call.name)

    return run


def _unfolded(x: Tensor, size: int) -> Tensor:
    """Each group of channels becomes the cells of a block, as in TensorFlow: (B, s s C, H, W) to (B, C, s H, s W)."""
    return x.unflatten(1, (size, size, -1)).permute(0, 3, 4, 1, 5, 2).flatten(4, 5).flatten(2, 3)


def _folded_up(x: Tensor, size: int) -> Tensor:
    return x.unflatten(3, (-1, size)).unflatten(2, (-1, size)).permute(0, 3, 5, 1, 2, 4).flatten(1, 3)


RESIZE = {name: _resize() for name in ("resize", "resize_images", "resize_bilinear", "resize_area")}
RESIZE |= {"resize_nearest_neighbor": _resize("nearest"), "resize_bicubic": _resize("bicubic")}
BLOCKS = {
    name: Builtin(name, _block(is_unfolded), needs_call=True)
    for name, is_unfolded in (("depth_to_space", True), ("space_to_depth", False))
}
