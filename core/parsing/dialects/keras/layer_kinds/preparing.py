"""Keras layers that prepare images: what changes their size is read, what only varies or scales them is left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.errors import ParseError
from core.parsing.dialects.translation import MAX_SIDE, Shape, Translation, part, short, whole, word
from core.parsing.plan import LayerCall

_SCALED = "Rescaling is left out: in PyTorch, images are scaled before they reach the network."
VARIED = (
    "Flip Rotation Zoom Contrast Translation Brightness Shear Hue Saturation Sharpness ColorJitter Invert Height Width "
    "ColorDegeneration ElasticTransform Erasing GaussianBlur Grayscale Perspective Posterization"
)
MIXED = "AugMix AutoContrast CLAHE CutMix Equalization MixUp RandAugment Solarization"
_VARIED = "Random augmentation is left out: in PyTorch, images are augmented before they reach the network."


def sides_of(shape: Shape, axes: int) -> Shape:
    if len(shape) != axes + 1:
        raise ParseError(f"it needs {axes} spatial dimensions and channels, but gets {'x'.join(map(str, shape))}.")
    if max(shape[1:]) > MAX_SIDE:
        raise ParseError(f"its input is {max(shape[1:]):,} cells long; at most {MAX_SIDE:,} are accepted.")
    return shape[1:]


def left_out(reason: str) -> Callable[..., Translation]:
    """Layers that prepare or vary the data and are no part of the network in PyTorch."""
    return lambda shape, *args, **settings: Translation((), shape, reason)


def resizing(
    shape: Shape,
    height: Any,
    width: Any,
    interpolation: Any = "bilinear",
    crop_to_aspect_ratio: Any = False,
    pad_to_aspect_ratio: Any = False,
    **fill: Any,
) -> Translation:
    """Resizing to a fixed size, without antialiasing, as TensorFlow does it; the image may be cut or framed before."""
    rows, columns = sides_of(shape, 2)
    size = (whole(height, "height", high=4096), whole(width, "width", high=4096))
    mode = word(interpolation, "interpolation", ("bilinear", "nearest", "bicubic"))
    smooth = {"mode": mode, "align_corners": False} if mode != "nearest" else {}
    before: tuple[LayerCall, ...] = ()
    if crop_to_aspect_ratio or pad_to_aspect_ratio:
        fit = min if crop_to_aspect_ratio else max
        wanted = (fit(rows, columns * size[0] // size[1]), fit(columns, rows * size[1] // size[0]))
        before = _framed(rows, columns, wanted)
    return Translation((*before, part("Upsample", size=size, **smooth)), (shape[0], *size))


def _framed(rows: int, columns: int, wanted: tuple[int, int]) -> tuple[LayerCall, ...]:
    """What cuts an image to the wanted sides around its middle, or sets it into a frame of zeros."""
    above, left = (wanted[0] - rows) // 2, (wanted[1] - columns) // 2
    borders = (left, wanted[1] - columns - left, above, wanted[0] - rows - above)
    return (part("ZeroPad2d", borders),) if any(borders) else ()


def crop(shape: Shape, height: Any, width: Any) -> Translation:
    """CenterCrop and RandomCrop, which takes the middle outside of training; a smaller image is enlarged instead."""
    rows, columns = sides_of(shape, 2)
    size = (whole(height, "height", high=4096), whole(width, "width", high=4096))
    if size[0] > rows or size[1] > columns:
        return resizing(shape, *size)
    left, top = (columns - size[1]) // 2, (rows - size[0]) // 2
    borders = (-left, size[1] + left - columns, -top, size[0] + top - rows)
    return Translation((part("ZeroPad2d", short(borders)),), (shape[0], *size))


PREPARING: dict[str, Callable[..., Translation]] = {
    "Resizing": resizing,
    "CenterCrop": crop,
    "RandomCrop": crop,
    "Rescaling": left_out(_SCALED),
    "Normalization": left_out(_SCALED),
    **dict.fromkeys((*(f"Random{what}" for what in VARIED.split()), *MIXED.split()), left_out(_VARIED)),
}
