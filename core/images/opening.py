"""Opening a picture that a stranger gives us: capped before anything is decoded, then always uint8 (H, W, 3).

Colour profiles are ignored, as in nearly every training pipeline; everything else that a viewer would honour
(orientation, transparency, palette, CMYK, 16 bits, first frame or page) is honoured.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image, ImageOps, Jpeg2KImagePlugin, JpegImagePlugin, PngImagePlugin, TiffImagePlugin

from core.errors import PictureError
from core.images import jpeg_2000
from core.images.decoding_cost import ASIDE, MEMORY_CAP, decoding_bytes, shrink_factor, slowness
from core.images.memory_budget import MemoryBudget
from core.images.png_strips import StripedPng
from core.images.refusals import (
    RefusedPicture,
    camera_raw,
    damaged,
    not_a_picture,
    too_costly,
    too_large,
    too_slow,
)
from core.images.resizing import SMOOTH
from core.images.rgb import as_rgb, bits_of, grey_range, orientation_of, pixels, upright
from core.images.signatures import NOT_READ, kind_of
from core.limits import limits

BYTE_CAP = limits().picture_bytes
PIXEL_CAP = limits().picture_pixels  # phones take 12 to 50 million
JPEG_PIXEL_CAP = 250_000_000  # some take 108 or 200 million: a JPEG can be decoded at an eighth of its size

SAMPLES = 4  # pixels along each side of what becomes one: more are averaged before, and no eye sees a difference

_BUDGET = MemoryBudget(MEMORY_CAP)  # of all pictures that this process decodes at a time

PngImagePlugin.MAX_TEXT_MEMORY = 4_000_000  # letters in a PNG's comments; Pillow's own limit is sixteen times that

# Only pixel formats with a decoder inside Pillow. EPS and its like would start another program.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM")
REDUCED, DNG_VERSION, SUB_IMAGES = 254, 50706, 330  # tags of a TIFF


class DecodedSquare(NamedTuple):
    """`pixels` uint8 (side, side, 3), height and width of the original, and its true bits if values were stretched."""

    pixels: np.ndarray
    size: tuple[int, int]
    stretched_bits: int | None = None


class _Decoded(NamedTuple):
    """An upright 8-bit RGB image, its true width and height, and its true bits if values were stretched."""

    image: Image.Image
    size: tuple[int, int]
    stretched_bits: int | None


def open_picture(source: bytes | BinaryIO | Path | str) -> np.ndarray:
    """Anybody's picture, upright and in colour: uint8 (H, W, 3); more than `WHOLE` pixels come reduced.

    Args: the file's bytes, an open binary file (read from its start), or a path.
    Raises: PictureError if it is no picture, is damaged, or passes `BYTE_CAP`, `PIXEL_CAP` or `MEMORY_CAP`.
    """
    return pixels(_decode(read_picture(source), None).image)


def open_square(source: bytes | BinaryIO | Path | str, side: int) -> np.ndarray:
    """The same squashed to uint8 (side, side, 3); faster, since a big JPEG is decoded at a half, quarter or eighth."""
    return square_of(read_picture(source), side)[0]


def square_of(data: bytes, side: int) -> tuple[np.ndarray, tuple[int, int]]:
    """A picture's bytes -> uint8 (side, side, 3), and the height and width it had.

    Raises: PictureError as `open_picture` does.
    """
    square = decode_square(data, side)
    return square.pixels, square.size


def decode_square(data: bytes, side: int) -> DecodedSquare:
    """As `square_of`, and whether the values of a grey image of 16 bits were stretched.

    Raises: PictureError as `open_picture` does.
    """
    image, (width, height), stretched_bits = _decode(data, side)
    return DecodedSquare(np.array(image.resize((side, side), SMOOTH)), (height, width), stretched_bits)


def salvage(data: bytes, side: int) -> np.ndarray | None:
    """What can still be seen of a JPEG that is cut short, for a report: uint8 (h, w, 3), longer side `side`."""
    if not data.startswith(b"\xff\xd8"):
        return None
    try:
        image = _decode(data + b"\xff\xd9", side).image  # told that it ends here, the decoder leaves the rest grey
        return np.array(ImageOps.contain(image, (side, side), SMOOTH))
    except PictureError:  # nothing to be seen
        return None


def read_picture(source: bytes | BinaryIO | Path | str) -> bytes:
    """A file's bytes, undecoded. Raises: PictureError if there are none, or more than `BYTE_CAP`."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
    elif isinstance(source, (str, Path)):
        path = Path(source)
        if not path.is_file():  # a pipe or a device would never end
            raise RefusedPicture(f"There is no file {path}: check the name.", "no such file")
        with path.open("rb") as file:
            data = file.read(BYTE_CAP + 1)
    else:
        if source.seekable():
            source.seek(0)
        data = source.read(BYTE_CAP + 1)
    if not data:
        raise RefusedPicture("This file is empty (0 bytes): choose another image.", "empty file")
    if len(data) > BYTE_CAP:
        limit = f"{BYTE_CAP // 1_000_000} MB"
        raise RefusedPicture(f"This file is larger than {limit}: save the image smaller.", "too many bytes")
    return data


def _decode(data: bytes, side: int | None) -> _Decoded:
    """Decode a file's bytes; `side` is the length of side that will do."""
    _cap_webp(data)
    try:
        image = _opened(data)
    except RefusedPicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_large(int(re.findall(r"\d+", str(error))[0]), PIXEL_CAP) from None
    except Exception as error:  # decoders meet hostile bytes here and raise whatever they like
        raise not_a_picture(data) from error
    cap = JPEG_PIXEL_CAP if isinstance(image, JpegImagePlugin.JpegImageFile) else PIXEL_CAP
    if image.width * image.height > cap:
        raise too_large(image.width * image.height, cap)
    try:
        return _load(image, data, side)
    except RefusedPicture:
        raise
    except Exception as error:
        raise damaged(image, error, data) from error


def _opened(data: bytes) -> Image.Image:
    """The image before its pixels are decoded. Pillow's own cap does not know that a JPEG can be decoded smaller."""
    if data[:2] == b"\xff\xd8":
        return JpegImagePlugin.jpeg_factory(io.BytesIO(data))
    kind = kind_of(data)
    if kind in NOT_READ:
        raise not_a_picture(data)
    image = Image.open(io.BytesIO(data), formats=FORMATS)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        tags = image.tag_v2
        if DNG_VERSION in tags or (tags.get(REDUCED, 0) & 1 and SUB_IMAGES in tags):
            raise camera_raw()
    return image


def _load(image: Image.Image, data: bytes, side: int | None) -> _Decoded:
    true_size = image.size
    _draft(image, side, data)
    needed = decoding_bytes(image, true_size, data)
    if needed > MEMORY_CAP and (png := StripedPng.of(data)):
        return _load_strips(image, png, side)
    if needed > MEMORY_CAP:
        raise too_costly(image, true_size, needed)
    if why := slowness(image, true_size[0] * true_size[1], data):
        raise too_slow(image, true_size, why)
    with _BUDGET.reserved(needed):
        image.load()
        orientation, greys = orientation_of(image), grey_range(image)
        rgb = as_rgb(image, shrink_factor(image.width * image.height), greys)
        if rgb is not image:
            image.close()  # or it would stand beside the next copy
        oriented = upright(rgb, orientation)
    width, height = true_size
    return _Decoded(oriented, (height, width) if orientation >= 5 else (width, height), bits_of(greys))


def _load_strips(image: Image.Image, png: StripedPng, side: int | None) -> _Decoded:
    """As `_load`, without ever holding the whole picture, and no more of it than shrinking it to `side` needs."""
    width, height = png.width, png.height
    shrink = max(shrink_factor(width * height), min(width, height) // (SAMPLES * side) if side else 1)
    size = -(-width // shrink), -(-height // shrink)
    orientation = orientation_of(image) if "exif" in image.info else 1  # to look further, Pillow would decode it
    with _BUDGET.reserved(ASIDE + len(png.data) + 8 * size[0] * size[1]):
        rgb = Image.new("RGB", size)
        for top, strip in png.strips(shrink):
            rgb.paste(as_rgb(strip, shrink), (0, top // shrink))
        oriented = upright(rgb, orientation)
    return _Decoded(oriented, (height, width) if orientation >= 5 else (width, height), None)


def _draft(image: Image.Image, side: int | None, data: bytes) -> None:
    """Have a JPEG decoded at a half, quarter or eighth: for a square of `side`, or where the whole is too large."""
    if isinstance(image, Jpeg2KImagePlugin.Jpeg2KImageFile):
        image.reduce = jpeg_2000.halvings(image, side, data)
        return
    shrink = shrink_factor(image.width * image.height)
    if side is not None:
        image.draft(image.mode, (side, side))
    elif shrink > 1:
        halvings = (shrink - 1).bit_length()
        image.draft(image.mode, (image.width >> halvings, image.height >> halvings))


def _cap_webp(data: bytes) -> None:
    """Pillow allocates an extended WebP's whole canvas before it looks at the size; so look first."""
    if data[:4] == b"RIFF" and data[8:16] == b"WEBPVP8X":
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        if width * height > PIXEL_CAP:
            raise too_large(width * height, PIXEL_CAP)
