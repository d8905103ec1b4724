"""Opening a picture that a stranger gives us: capped before anything is decoded, then always uint8 (H, W, 3).

Colour profiles are ignored, as in nearly every training pipeline; everything else that a viewer would honour
(orientation, transparency, palette, CMYK, 16 bits, first frame or page) is honoured.
"""

from __future__ import annotations

import contextlib
import io
import re
import threading
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin

from core.errors import PictureError
from core.images.decoding_cost import MEMORY_CAP, decoding_bytes, shrink_factor
from core.images.resizing import SMOOTH
from core.images.rgb import as_rgb, orientation_of, pixels, upright

BYTE_CAP = 50_000_000
PIXEL_CAP = 50_000_000  # phones take 12 to 50 million

LARGE = 50_000_000  # bytes of memory beyond which pictures are decoded one at a time
_ONE_LARGE = threading.Lock()

PngImagePlugin.MAX_TEXT_MEMORY = 4_000_000  # letters in a PNG's comments; Pillow's own limit is sixteen times that

# Only pixel formats with a decoder inside Pillow. EPS and its like would start another program.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM")

# What people upload instead of a picture, told by the first bytes.
LOOKALIKES = (
    (rb"\s*(<!doctype html|<html|<head)", "a web page"),
    (rb"\s*(<.*)?<svg", "an SVG drawing, which has no pixels"),
    (rb"%PDF", "a PDF document"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript drawing"),
    (rb"PK\x03\x04", "a zip archive"),
    (rb"....ftyp(heic|heix|hevc|mif1|msf1|heim|heis)", "an HEIC photo, which is not supported"),
)


class RefusedPicture(PictureError):
    """A picture we do not open. `reason` says why in a few words, the same for all of a kind, for reports."""

    def __init__(self, message: str, reason: str = "not an image") -> None:
        super().__init__(message)
        self.reason = reason


def open_picture(source: bytes | BinaryIO | Path | str) -> np.ndarray:
    """Anybody's picture, upright and in colour: uint8 (H, W, 3); more than `WHOLE` pixels come reduced.

    Args: the file's bytes, an open binary file (read from its start), or a path.
    Raises: PictureError if it is no picture, is damaged, or passes `BYTE_CAP`, `PIXEL_CAP` or `MEMORY_CAP`.
    """
    return pixels(_decode(read_picture(source), None)[0])


def open_square(source: bytes | BinaryIO | Path | str, side: int) -> np.ndarray:
    """The same squashed to uint8 (side, side, 3); faster, since a big JPEG is decoded at a half, quarter or eighth."""
    return square_of(read_picture(source), side)[0]


def square_of(data: bytes, side: int) -> tuple[np.ndarray, tuple[int, int]]:
    """A picture's bytes -> uint8 (side, side, 3), and the height and width it had.

    Raises: PictureError as `open_picture` does.
    """
    image, (width, height) = _decode(data, side)
    return np.array(image.resize((side, side), SMOOTH)), (height, width)


def salvage(data: bytes, side: int) -> np.ndarray | None:
    """What can still be seen of a JPEG that is cut short, for a report: uint8 (h, w, 3), longer side `side`."""
    if not data.startswith(b"\xff\xd8"):
        return None
    try:
        image, _ = _decode(data + b"\xff\xd9", side)  # told that it ends here, the decoder leaves the rest grey
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


def _decode(data: bytes, side: int | None) -> tuple[Image.Image, tuple[int, int]]:
    """Bytes -> an upright 8-bit RGB image, and its true width and height; `side` is the length of side that will do."""
    _cap_webp(data)
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(int(re.findall(r"\d+", str(error))[0])) from None
    except Exception as error:  # decoders meet hostile bytes here and raise whatever they like
        raise _not_a_picture(data) from error
    if image.width * image.height > PIXEL_CAP:
        raise _too_large(image.width * image.height)
    try:
        return _load(image, data, side)
    except RefusedPicture:
        raise
    except Exception as error:
        raise _damaged(image, error) from error


def _load(image: Image.Image, data: bytes, side: int | None) -> tuple[Image.Image, tuple[int, int]]:
    true_size = image.size
    _draft(image, side)
    needed = decoding_bytes(image, true_size, data)
    if needed > MEMORY_CAP:
        raise _too_costly(image, true_size, needed)
    with _ONE_LARGE if needed > LARGE else contextlib.nullcontext():
        image.load()
        orientation = orientation_of(image)
        rgb = as_rgb(image, shrink_factor(image.width * image.height))
        if rgb is not image:
            image.close()  # or it would stand beside the next copy
        oriented = upright(rgb, orientation)
    width, height = true_size
    return oriented, (height, width) if orientation >= 5 else (width, height)


def _draft(image: Image.Image, side: int | None) -> None:
    """Have a JPEG decoded at a half, quarter or eighth: for a square of `side`, or where the whole is too large."""
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
            raise _too_large(width * height)


def _too_large(pixels: int) -> RefusedPicture:
    limit = f"{PIXEL_CAP // 1_000_000} million"
    message = f"This image has {pixels / 1e6:,.0f} million pixels and the limit is {limit}: save it smaller."
    return RefusedPicture(message, "too many pixels")


def _too_costly(image: Image.Image, size: tuple[int, int], needed: int) -> RefusedPicture:
    way_out = "save it smaller" if image.format in ("JPEG", "MPO") else "save it smaller, or as JPEG"
    message = (
        f"To open this {image.format} image of {size[0]}x{size[1]} would take {needed / 1e6:.0f} MB of memory "
        f"and the limit is {MEMORY_CAP // 1_000_000} MB: {way_out}."
    )
    return RefusedPicture(message, "too many pixels")


def _not_a_picture(data: bytes) -> RefusedPicture:
    for pattern, name in LOOKALIKES:
        if re.match(pattern, data[:1024], re.IGNORECASE | re.DOTALL):
            return RefusedPicture(f"This file is {name}: save it as JPEG or PNG first.", name.split(",")[0])
    if re.match(rb"\xff\xd8\xff|\x89PNG|GIF8|RIFF....WEBP", data, re.DOTALL):
        return RefusedPicture("This image is damaged at its very start: save or download it again.", "damaged")
    accepted = ", ".join(FORMATS[:-1])
    return RefusedPicture(f"This file is not an image that can be read: choose {accepted} or PPM.")


def _damaged(image: Image.Image, error: Exception) -> RefusedPicture:
    cut = "truncated" in str(error).lower() or isinstance(error, EOFError)
    reason = "truncated" if cut else "damaged"
    kind = f"{image.format} image of {image.width}x{image.height}"
    return RefusedPicture(f"This {kind} is {reason} and cannot be decoded: save or download it again.", reason)
