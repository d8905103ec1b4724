"""What decoding a picture will cost in memory, told from its header: bytes at the peak, the file's own included."""

from __future__ import annotations

import re
from math import ceil, sqrt

from PIL import Image, ImageFile, TiffImagePlugin

from core.images import jpeg_2000
from core.limits import limits

MEMORY_CAP = limits().decoding_bytes
ASIDE = 8_000_000  # the strips in which colours are converted, tables of the decoder
SCANNED_PIXELS = 2_000_000_000  # a second and a half; the usual ten scans of the largest that fits are a quarter of it
WHOLE = 12_500_000  # pixels that are worked on unshrunk: what a phone takes
IN_PYTHON = ("ppm_plain", "ppm", "bmp_rle")  # decoders that hold what they make twice more


def shrink_factor(pixels: int) -> int:
    """By how much each side is divided: 1 up to `WHOLE` pixels, beyond it whatever leaves at most half of that.

    >>> shrink_factor(12_000_000), shrink_factor(24_000_000), shrink_factor(49_000_000)
    (1, 2, 3)
    """
    return 1 if pixels <= WHOLE else ceil(sqrt(pixels / (WHOLE / 2)))


def decoding_bytes(image: Image.Image, size: tuple[int, int], data: bytes) -> int:
    """Peak of opening `data`, as `image` is set up now (`draft` makes a JPEG smaller); `size` is that of the file."""
    pixels = image.width * image.height
    decode = DECODERS.get(image.format or "", _bitmap)
    loading, held = decode(image, size[0] * size[1], data)
    return ASIDE + len(data) + max(loading, held + 4 * pixels // shrink_factor(pixels) ** 2)


def slowness(image: Image.Image, pixels: int, data: bytes) -> str:
    """What would make a picture take seconds to decode, set up as it is; empty if nothing does.

    Each scan of a JPEG passes over all of its pixels, and twenty bytes are enough for one.
    """
    scans = data.count(b"\xff\xda") if image.format in ("JPEG", "MPO") else 0
    if scans * pixels > SCANNED_PIXELS:
        return f"has {scans} scans"
    if image.format == "JPEG2000" and len(data) >> 2 * _halved(image) > 2 * jpeg_2000.FILE_BYTES:
        return "cannot be decoded at a smaller size"
    return ""


def _bitmap(image: Image.Image, pixels: int, data: bytes) -> tuple[int, int]:
    """Bytes while decoding, and from then on: four a pixel in colour, two in 16-bit grey, else one, even of 1 bit."""
    held = image.width * image.height
    held *= 1 if image.mode in ("1", "L", "P") else 2 if image.mode.startswith("I;16") else 4
    return held * (3 if _decoder(image) in IN_PYTHON else 1), held


def _jpeg(image: Image.Image, pixels: int, data: bytes) -> tuple[int, int]:
    """One in several scans is held as its coefficients, two bytes each, however small it is decoded."""
    loading, held = _bitmap(image, pixels, data)
    samples = [vertical * horizontal for _, vertical, horizontal, _ in getattr(image, "layer", [])]
    if image.info.get("progressive") or _components_of_first_scan(data) != len(samples):
        loading += ceil(2 * pixels * sum(samples) / max([1, *samples]))
    return loading, held


def _components_of_first_scan(jpeg: bytes) -> int:
    """How many of its components the first scan holds; 0 if that cannot be told."""
    at = 2
    while at + 4 < len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if marker == 0xDA:
            return jpeg[at + 4]
        at += 1 if marker == 0xFF else 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return 0


def _tiff(image: Image.Image, pixels: int, data: bytes) -> tuple[int, int]:
    """Compressed ones are unpacked by whole strips or tiles beside the picture, and one strip may be all of it."""
    loading, held = _bitmap(image, pixels, data)
    if isinstance(image, TiffImagePlugin.TiffImageFile) and _decoder(image) == "libtiff":
        bits, samples, rows, width, height = (image.tag_v2.get(tag) for tag in (258, 277, 278, 322, 323))
        pixel = max(4, max(bits or (1,)) * (samples or 1) // 8)
        loading += pixel * (width or image.width) * (height or min(rows or image.height, image.height))
    return loading, held


def _webp(image: Image.Image, pixels: int, data: bytes) -> tuple[int, int]:
    """Two canvases, the frame and the picture, four bytes a pixel each; the canvases stay."""
    return 16 * pixels, 12 * pixels


def _avif(image: Image.Image, pixels: int, data: bytes) -> tuple[int, int]:
    """Planes, the frame and the picture; planes of 10 and 12 bits take two bytes a sample."""
    flags = [match[0] for match in re.findall(rb"av1C..(.)", data, re.DOTALL)]
    if not flags or any(flag & 0x40 for flag in flags):
        return 20 * pixels, 16 * pixels
    each = 10 if all(flag & 0x0C == 0x0C for flag in flags) and image.mode == "RGB" else 14
    return each * pixels, (each - 4) * pixels


def _jpeg_2000(image: Image.Image, pixels: int, data: bytes) -> tuple[int, int]:
    halved = _halved(image)
    held = (pixels >> 2 * halved) * (1 if image.mode in ("L", "P") else 4)
    return jpeg_2000.decoding_bytes(len(image.getbands()), pixels, halved, data) + held, held


def _halved(image: Image.Image) -> int:
    """How often the sides of a JPEG 2000 are halved; Pillow keeps that where it has a method otherwise."""
    return reduce if isinstance(reduce := image.reduce, int) else 0


def _decoder(image: Image.Image) -> str:
    """Pillow's name for what will decode the picture."""
    return image.tile[0].codec_name if isinstance(image, ImageFile.ImageFile) and image.tile else ""


DECODERS = {"JPEG": _jpeg, "MPO": _jpeg, "TIFF": _tiff, "WEBP": _webp, "AVIF": _avif, "JPEG2000": _jpeg_2000}
