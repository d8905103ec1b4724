"""Why a picture is not opened: a sentence with the way out, and a few words for reports."""

from __future__ import annotations

import io

from PIL import Image, TiffImagePlugin

from core.errors import PictureError
from core.images.decoding_cost import MEMORY_CAP
from core.images.signatures import READ, kind_of

IMAGE_WIDTH, BITS, BANDS, VALUES = 256, 258, 277, 339  # tags of a TIFF
SPECIAL_JPEG = {  # by the marker at which the frame starts
    **dict.fromkeys((0xC3, 0xCB, 0xF7), "compressed without loss (JPEG lossless or JPEG-LS)"),
    **dict.fromkeys((0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF), "a hierarchical one"),
}
ACCEPTED = "JPEG, PNG, WEBP, GIF, BMP, TIFF, AVIF, JPEG 2000 or PPM"


class RefusedPicture(PictureError):
    """A picture we do not open. `reason` says why in a few words, the same for all of a kind, for reports."""

    def __init__(self, message: str, reason: str = "not an image") -> None:
        super().__init__(message)
        self.reason = reason


def too_large(pixels: int, cap: int) -> RefusedPicture:
    limit = f"{cap // 1_000_000} million"
    message = f"This image has {pixels / 1e6:,.0f} million pixels and the limit is {limit}: save it smaller."
    return RefusedPicture(message, "too many pixels")


def too_costly(image: Image.Image, size: tuple[int, int], needed: int) -> RefusedPicture:
    """One that would take `needed` bytes of memory."""
    way_out = "save it smaller" if image.format in ("JPEG", "MPO") else "save it smaller, or as JPEG"
    message = (
        f"To open this {image.format} image of {size[0]}x{size[1]} would take {needed / 1e6:.0f} MB of memory "
        f"and the limit is {MEMORY_CAP // 1_000_000} MB: {way_out}."
    )
    return RefusedPicture(message, "too many pixels")


def too_slow(image: Image.Image, size: tuple[int, int], why: str) -> RefusedPicture:
    """One that would take seconds to decode because of what `why` says it has or is."""
    message = f"This {image.format} image of {size[0]}x{size[1]} {why} and would take seconds to decode"
    return RefusedPicture(f"{message}: save it again, as an ordinary JPEG.", "too slow to decode")


def not_a_picture(data: bytes) -> RefusedPicture:
    """A file that no decoder takes, called what it is where its first bytes tell."""
    kind = kind_of(data)
    if form := _form_of_tiff(data):
        text = f"This TIFF image has {form}, which is not read here"
        return RefusedPicture(f"{text}: save it as PNG or TIFF in colour or grey first.", "a TIFF of an unusual kind")
    if form := _form_of_jpeg(data):
        return _unusual_jpeg(form)
    if kind in READ:
        return RefusedPicture("This image is damaged at its very start: save or download it again.", "damaged")
    if kind:
        return RefusedPicture(f"This file is {kind.name}: {kind.way_out}.", kind.reason)
    return RefusedPicture(f"This file is not an image that can be read: choose {ACCEPTED}.")


def _unusual_jpeg(form: str) -> RefusedPicture:
    text = f"This JPEG image is {form}, which is not read here"
    return RefusedPicture(f"{text}: save it as PNG or as an ordinary JPEG first.", "a JPEG of an unusual kind")


def _form_of_jpeg(data: bytes) -> str:
    """How a JPEG is compressed, if in a way that only instruments and archives use; else empty."""
    if data[:2] != b"\xff\xd8":
        return ""
    at = 2
    while data[at : at + 1] == b"\xff" and at + 10 <= len(data):
        marker = data[at + 1]
        if marker in SPECIAL_JPEG:
            return SPECIAL_JPEG[marker]
        if marker in range(0xC0, 0xD0) and marker not in (0xC4, 0xC8, 0xCC):  # the start of a frame
            bits = data[at + 4]
            return f"one of {bits} bits" if bits > 8 else ""
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    return ""


def _form_of_tiff(data: bytes) -> str:
    """The bands and values of a TIFF, if they are such as only satellites and instruments give; else empty."""
    if data[:4] not in (b"II*\0", b"MM\0*"):
        return ""
    try:
        tags = TiffImagePlugin.ImageFileDirectory_v2(data[:8])
        file = io.BytesIO(data)
        file.seek(tags.next)
        tags.load(file)
        bits, bands, kind = tags.get(BITS, (1,))[0], tags.get(BANDS, 1), tags.get(VALUES, (1,))[0]
        if IMAGE_WIDTH not in tags or not (bands > 4 or bits > 32 or (bands > 1 and bits > 16)):
            return ""
        return f"{f'{bands} bands' if bands > 1 else 'one band'} of {bits}-bit {'floats' if kind == 3 else 'integers'}"
    except Exception:  # hostile bytes again
        return ""


def camera_raw() -> RefusedPicture:
    """A TIFF whose first image is a small preview of what the sensor gave."""
    return RefusedPicture("This file is a camera RAW photo: develop it to JPEG first.", "a camera RAW photo")


def damaged(image: Image.Image, error: Exception, data: bytes) -> RefusedPicture:
    """One whose decoder failed: of a kind that it does not read, cut short, or spoilt."""
    if form := _form_of_jpeg(data):
        return _unusual_jpeg(form)
    cut = "truncated" in str(error).lower() or isinstance(error, EOFError)
    reason = "truncated" if cut else "damaged"
    kind = f"{image.format} image of {image.width}x{image.height}"
    return RefusedPicture(f"This {kind} is {reason} and cannot be decoded: save or download it again.", reason)
