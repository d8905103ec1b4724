"""TensorFlow's functions of images that cut a part out, put a border around, or turn by quarters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F

from core.parsing.dialects.keras.input_symbols import is_of_data, symbol
from core.parsing.dialects.keras.symbols import KerasTensor, in_keras_order
from core.parsing.dialects.keras.tensor_functions.image_functions import RESIZE
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Namespace

MOST = 8192  # cells of a side
Sides = tuple[int, int]


def _numbers(call: BuiltinCall, *values: Any) -> list[int]:
    given = call.evaluator.resolve_all(list(values), call.node)
    if not all(type(one) is int and 0 <= one <= MOST for one in given):
        raise call.fail("it takes sides and distances as whole numbers.")
    return given


def _sides(x: KerasTensor) -> Sides:
    """Height and width: Keras's last axes but the channels."""
    height, width, _ = x.keras_shape()[-3:]
    return height or 0, width or 0


def _part(call: BuiltinCall, x: KerasTensor, top: int, left: int, height: int, width: int) -> KerasTensor:
    rows, columns = _sides(x)
    if len(x.shape) != 3 or top + height > rows or left + width > columns or not height or not width:
        raise call.fail(f"no part of {height}×{width} begins at {top}, {left} in maps of {rows}×{columns}.")
    cut = torch.Tensor.__getitem__
    return in_keras_order(cut, x, (slice(None), slice(top, top + height), slice(left, left + width)), name=call.name)


def _within(call: BuiltinCall, x: KerasTensor, top: int, left: int, height: int, width: int) -> KerasTensor:
    rows, columns = _sides(x)
    below, right = height - top - rows, width - left - columns
    if len(x.shape) != 3 or below < 0 or right < 0:
        raise call.fail(f"maps of {rows}×{columns} do not fit into {height}×{width} at {top}, {left}.")
    return in_keras_order(F.pad, x, [0, 0, left, right, top, below], name=call.name)


def _boxed(place: Callable[..., KerasTensor]) -> Callable[..., Any]:
    """`tf.image.crop_to_bounding_box(x, top, left, height, width)` and its opposite."""

    def run(call: BuiltinCall, image: Any, offset_height: Any, offset_width: Any, target_height: Any,
            target_width: Any, **kwargs: Any) -> Any:  # fmt: skip
        if is_of_data(image):
            return image
        return place(
            call, symbol(call, image), *_numbers(call, offset_height, offset_width, target_height, target_width)
        )

    return run


def _middle(call: BuiltinCall, image: Any, central_fraction: Any = 1.0, **kwargs: Any) -> Any:
    """`tf.image.central_crop(x, 0.5)`: half of each side."""
    if is_of_data(image):
        return image
    share = call.evaluator.resolve(central_fraction, call.node)
    if not isinstance(share, (int, float)) or not 0 < share <= 1:
        raise call.fail("it takes a share of each side, above 0 and up to 1.")
    x = symbol(call, image)
    starts = [int((side - side * share) / 2) for side in _sides(x)]
    return _part(call, x, *starts, *(side - 2 * start for side, start in zip(_sides(x), starts, strict=True)))


def _of_size(call: BuiltinCall, image: Any, target_height: Any, target_width: Any, **kwargs: Any) -> Any:
    """`tf.image.resize_with_crop_or_pad(x, 20, 20)`: the middle of maps, with a border where they are too small."""
    if is_of_data(image):
        return image
    x, wanted = symbol(call, image), _numbers(call, target_height, target_width)
    kept = [min(side, other) for side, other in zip(_sides(x), wanted, strict=True)]
    starts = [(side - other) // 2 for side, other in zip(_sides(x), kept, strict=True)]
    x = _part(call, x, *starts, *kept)
    return _within(call, x, *((side - other) // 2 for side, other in zip(wanted, kept, strict=True)), *wanted)


def _kept_in_shape(call: BuiltinCall, image: Any, target_height: Any, target_width: Any, *args: Any,
                   **kwargs: Any) -> Any:  # fmt: skip
    """`tf.image.resize_with_pad(x, 20, 20)`: as large as fits, with a border on two sides."""
    if is_of_data(image):
        return image
    x, wanted = symbol(call, image), _numbers(call, target_height, target_width)
    ratio = max(side / other for side, other in zip(_sides(x), wanted, strict=True))
    sizes = [min(int(side / ratio), other) for side, other in zip(_sides(x), wanted, strict=True)]
    x = call.call(RESIZE["resize"], x, sizes)
    return _within(call, x, *((side - other) // 2 for side, other in zip(wanted, sizes, strict=True)), *wanted)


def _quarters(call: BuiltinCall, image: Any, k: Any = 1, **kwargs: Any) -> Any:
    """`tf.image.rot90(x, k=2)`."""
    if is_of_data(image):
        return image
    return in_keras_order(torch.rot90, symbol(call, image), int(call.evaluator.resolve(k, call.node)), (1, 2))


_RUN: Mapping[str, Callable[..., Any]] = {
    "crop_to_bounding_box": _boxed(_part),
    "pad_to_bounding_box": _boxed(_within),
    "central_crop": _middle,
    **dict.fromkeys(("resize_with_crop_or_pad", "resize_image_with_crop_or_pad"), _of_size),
    "resize_with_pad": _kept_in_shape,
    "rot90": _quarters,
}
_METHODS = "AREA BICUBIC BILINEAR GAUSSIAN LANCZOS3 LANCZOS5 MITCHELLCUBIC NEAREST_NEIGHBOR"
CROPS = {name: Builtin(name, run, needs_call=True) for name, run in _RUN.items()} | {
    "ResizeMethod": Namespace("tf.image.ResizeMethod", {word: word.lower() for word in _METHODS.split()})
}
