"""What decoding a picture will cost in memory, told from its header: bytes at the peak, the file's own included."""

from __future__ import annotations

import re
from math import ceil, sqrt

from PIL import Image, ImageFile, TiffImagePlugin

MEMORY_CAP = 150_000_000
WHOLE = 12_500_000  # pixels that are worked on unshrunk: what a phone takes


def shrink_factor(pixels: int) -> int:
    """By how much each side is divided: 1 up to `WHOLE` pixels, beyond it whatever leaves at most half of that.

    >>> shrink_factor(12_000_000), shrink_factor(24_000_000), shrink_factor(49_000_000)
    (1, 2, 3)
    """
    return 1 if pixels <= WHOLE else ceil(sqrt(pixels / (WHOLE / 2)))


def decoding_bytes(image: Image.Image, size: tuple[int, int], data: bytes) -> int:
    """Peak of opening `data`, as `image` is set up now (`draft` makes a JPEG smaller); `size` is that of the file."""
    pixels = image.width * image.height
    decoder = DECODERS.get(image.format or "", _of_bitmap)
    return len(data) + decoder(image, size, data) + 4 * pixels // shrink_factor(pixels) ** 2


def _of_bitmap(image: Image.Image, size: tuple[int, int], data: bytes) -> int:
    """What Pillow holds: four bytes a pixel in colour, two for 16-bit grey, one otherwise, black and white included."""
    wide = 1 if image.mode in ("1", "L", "P") else 2 if image.mode.startswith("I;16") else 4
    return wide * image.width * image.height


def _of_jpeg(image: Image.Image, size: tuple[int, int], data: bytes) -> int:
    """A JPEG in several scans is held as its coefficients, two bytes each, however small it is decoded."""
    layers = getattr(image, "layer", [])  # (name, vertical samples, horizontal samples, table) of each
    at_once = not image.info.get("progressive") and _components_of_first_scan(data) == len(layers)
    densest = max((vertical * horizontal for _, vertical, horizontal, _ in layers), default=1) or 1
    coefficients = sum(vertical * horizontal for _, vertical, horizontal, _ in layers) / densest
    return _of_bitmap(image, size, data) + (0 if at_once else ceil(2 * coefficients * size[0] * size[1]))


def _components_of_first_scan(jpeg: bytes) -> int:
    """How many of its components the first scan holds; 0 if that cannot be told."""
    at = 2
    while at + 4 < len(jpeg) and jpeg[at] == 0xFF:
        marker = jpeg[at + 1]
        if marker == 0xDA:
            return jpeg[at + 4]
        at += 1 if marker == 0xFF else 2 + int.from_bytes(jpeg[at + 2 : at + 4])
    return 0


def _of_tiff(image: Image.Image, size: tuple[int, int], data: bytes) -> int:
    """Compressed ones are unpacked by whole strips or tiles beside the picture, and one strip may be all of it."""
    held = _of_bitmap(image, size, data)
    if not isinstance(image, TiffImagePlugin.TiffImageFile) or _is_raw(image):
        return held
    bits, samples, rows, width, height = (image.tag_v2.get(tag) for tag in (258, 277, 278, 322, 323))
    pixel = max(4, max(bits or (1,)) * (samples or 1) // 8)
    strip = (width or size[0]) * (height or min(rows or size[1], size[1]))
    return held + pixel * strip


def _is_raw(image: ImageFile.ImageFile) -> bool:
    return not image.tile or image.tile[0].codec_name != "libtiff"


def _of_webp(image: Image.Image, size: tuple[int, int], data: bytes) -> int:
    """Two canvases, the frame and the picture, four bytes a pixel each."""
    return 16 * size[0] * size[1]


def _of_avif(image: Image.Image, size: tuple[int, int], data: bytes) -> int:
    """Planes, the frame and the picture; planes of 10 and 12 bits take two bytes a sample."""
    is_deep = any(flags[0] & 0x40 for flags in re.findall(rb"av1C..(.)", data, re.DOTALL))
    return (20 if is_deep else 12) * size[0] * size[1]


DECODERS = {
    "JPEG": _of_jpeg,
    "MPO": _of_jpeg,
    "TIFF": _of_tiff,
    "WEBP": _of_webp,
    "AVIF": _of_avif,
}
