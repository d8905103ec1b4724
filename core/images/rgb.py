"""Any picture that Pillow has decoded -> upright 8-bit RGB, in strips, so that a large one is never held twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
from PIL import Image

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION = 0x0112
STRIP_PIXELS = 200_000
BITS_IN_16 = {10: 0.9, 12: 0.0, 14: 0.9}  # bits that fewer may be: the share of their white that must be reached
HOT_PIXELS = 1e-4


def orientation_of(image: Image.Image) -> int:
    """As the camera noted it, 1 to 8; 1 is upright."""
    try:
        orientation = image.getexif().get(ORIENTATION, 1)
        return orientation if orientation in UPRIGHT else 1
    except Exception:  # a broken note about the picture does not spoil the picture
        return 1


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """The picture as it was seen when it was taken."""
    return image.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else image


def as_rgb(image: Image.Image, shrink: int = 1, greys: tuple[float, float] | None = None) -> Image.Image:
    """Transparency over white, wide greys brought down to 8 bits; each side divided by `shrink`, averaging.

    Args: `greys` is what `grey_range` gives, for those who need it themselves.
    """
    if image.mode == "RGB" and not image.has_transparency_data and shrink == 1:
        return image
    greys = greys or grey_range(image)
    rgb = Image.new("RGB", (-(-image.width // shrink), -(-image.height // shrink)))
    for top, strip in _strips(image, shrink):
        strip = _strip_as_rgb(strip, greys)
        rgb.paste(strip.reduce(shrink) if shrink > 1 else strip, (0, top // shrink))
    return rgb


def pixels(image: Image.Image) -> np.ndarray:
    """An RGB picture as an array of one's own: uint8 (H, W, 3)."""
    array = np.empty((image.height, image.width, 3), np.uint8)
    for top, strip in _strips(image):
        array[top : top + strip.height] = np.asarray(strip)
    return array


def _strips(image: Image.Image, multiple: int = 1) -> Iterator[tuple[int, Image.Image]]:
    """The picture from top to bottom, with the row at which each strip begins, a multiple of `multiple`."""
    height = max(1, STRIP_PIXELS // image.width // multiple) * multiple
    for top in range(0, image.height, height):
        yield top, image.crop((0, top, image.width, min(top + height, image.height)))


def _strip_as_rgb(image: Image.Image, greys: tuple[float, float] | None) -> Image.Image:
    if greys is not None:
        image = Image.fromarray(_to_8_bits(np.asarray(image), *greys))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def _is_wide(image: Image.Image) -> bool:
    return image.mode.startswith("I") or image.mode == "F"


def grey_range(image: Image.Image) -> tuple[float, float] | None:
    """The greys of an image of more than 8 bits that become black and white; None for one of 8 bits.

    0..1 (floats) and 0..255 keep their meaning; 16 bits are taken as `full_scale` says; what goes beyond is stretched.

    >>> grey_range(Image.fromarray(np.array([[0, 257, 60000]], dtype=np.uint16)))
    (0.0, 65535.0)
    """
    if not _is_wide(image):
        return None
    ends = [(grey.min(), grey.max()) for grey in (_finite(np.asarray(strip)) for _, strip in _strips(image))]
    low, high = float(min(low for low, _ in ends)), float(max(high for _, high in ends))
    if low < 0 or high > 65535:
        return low, high
    if high <= 255:
        return 0.0, 1.0 if image.mode == "F" and high <= 1 else 255.0
    counts = np.zeros(65536, np.int64)
    for _, strip in _strips(image):
        values = np.rint(_finite(np.asarray(strip))).astype(np.int64)
        counts += np.bincount(values.ravel(), minlength=65536)
    return 0.0, float(full_scale(counts))


def full_scale(counts: np.ndarray) -> int:
    """White in a grey image of 16 bits, by how often each value occurs: int64 (65536,) -> 1023, 4095, 16383 or 65535.

    Cameras for science put 10, 12 or 14 bits into 16. Twelve are assumed where the values go no further; ten and
    fourteen only where they come near their limit, for otherwise they are as likely a dark photograph. One pixel in
    ten thousand may be brighter, as defects of a sensor are. Eight bits, widened, always mean all sixteen.
    """
    values = np.flatnonzero(counts)
    step = int(np.gcd.reduce(values))
    if step % 256 == 0 or step % 257 == 0:
        return 65535
    highest = int(np.searchsorted(np.cumsum(counts), (1 - HOT_PIXELS) * counts.sum()))
    for bits, nearness in BITS_IN_16.items():
        white = (1 << bits) - 1
        if nearness * white <= highest <= white:
            return white
    return 65535


def bits_of(greys: tuple[float, float] | None) -> int | None:
    """The bits that the values have, if they were stretched to more: 10, 12 or 14."""
    return next((bits for bits in BITS_IN_16 if greys == (0.0, (1 << bits) - 1)), None)


def notes_on_stretching(bits: Iterable[int | None]) -> tuple[str, ...]:
    """A sentence for each number of bits that `bits_of` gave for some images, on how many they are.

    >>> notes_on_stretching([None, 12, 12])
    ('2 grey images hold 12 bits in 16 and were stretched: 4,095 is white in them.',)
    """
    counts = sorted(Counter(number for number in bits if number).items())
    few = "1 grey image holds {bits} bits in 16 and was stretched: {white:,} is white in it."
    many = "{count:,} grey images hold {bits} bits in 16 and were stretched: {white:,} is white in them."
    return tuple(
        (few if count == 1 else many).format(count=count, bits=number, white=(1 << number) - 1)
        for number, count in counts
    )


def _finite(wide: np.ndarray) -> np.ndarray:
    return np.nan_to_num(wide.astype(np.float64), posinf=0, neginf=0) if wide.dtype.kind == "f" else wide


def _to_8_bits(wide: np.ndarray, black: float, white: float) -> np.ndarray:
    """Greys (H, W) -> uint8.

    >>> _to_8_bits(np.array([[0, 257, 65535]], dtype=np.uint16), 0, 65535).tolist()
    [[0, 1, 255]]
    """
    share = (_finite(wide) - np.float64(black)) * (255 / max(white - black, 1e-12))
    return np.rint(share.clip(0, 255)).astype(np.uint8)
