"""What decoding a JPEG 2000 costs: read from its markers, since OpenJPEG allocates whatever these promise.

Source: ITU-T T.800, annex A; the sizes were measured with OpenJPEG 2.5.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from PIL import Image

LEVELS, FILE_BYTES, PIXELS = 5, 3_000_000, 5_000_000  # halvings at most; file and pixels that take 1.5 s
SAMPLE_BYTES, BLOCK_BYTES, TILE_BYTES = 7, 1000, 13_000  # of a sample that is decoded, a block of them, a tile
SIZE = re.compile(rb"\xff\x4f\xff\x51[\0-\xff]{4}([\0-\xff]{32})")
STYLE = re.compile(rb"\xff\x52\0([\x0c-\x2e])([\0-\xff])[\0-\xff]{4}([\0-\x20])([\0-\x08])([\0-\x08])[\0-\xff]{2}")
COMPONENT_STYLE = re.compile(
    rb"\xff\x53\0([\x09-\x2b])[\0-\xff]([\0-\xff])([\0-\x20])([\0-\x08])([\0-\x08])[\0-\xff]{2}"
)


def halvings(image: Image.Image, side: int | None, data: bytes) -> int:
    """How often each side is halved while decoding: as often as a square of `side` allows, or time and memory demand.

    A megabyte of it takes almost half a second, and each halving leaves a quarter of it undecoded.
    """
    style = STYLE.search(data)
    levels = min(style[3][0] if style else 0, LEVELS)
    count = 0
    while count < levels and (
        (side is not None and min(image.size) >> count + 1 >= side)
        or len(data) >> 2 * count > FILE_BYTES
        or image.width * image.height >> 2 * count > PIXELS
    ):
        count += 1
    return count


def decoding_bytes(bands: int, pixels: int, halved: int, data: bytes) -> int:
    """Bytes that OpenJPEG takes for an image of `pixels` and `bands` whose sides are halved `halved` times.

    Its samples while the wavelets are undone, its tiles, the blocks that samples are coded in, and a copy of the file.
    """
    samples = bands * pixels
    blocks = samples // min(_block_areas(data), default=1)
    return SAMPLE_BYTES * (samples >> 2 * halved) + BLOCK_BYTES * blocks + TILE_BYTES * _tiles(data) + len(data)


def _tiles(data: bytes) -> int:
    """Tiles of the image: the most that any marker of its size promises."""
    counts = [0]
    for size in SIZE.finditer(data):
        right, bottom, _, _, width, height, left, top = struct.unpack(">8I", size[1])
        counts.append(-((left - right) // max(width, 1)) * -((top - bottom) // max(height, 1)))
    return max(counts)


def _block_areas(data: bytes) -> Iterator[int]:
    """Samples in a block, by every marker that sets them: for all, for one component, in the header or in a tile."""
    for marker, fixed in ((STYLE, 12), (COMPONENT_STYLE, 9)):
        for style in marker.finditer(data):
            length, flags, levels, width, height = (style[field][0] for field in range(1, 6))
            precincts = data[style.end() : style.end() + levels + 1] if flags & 1 else b""
            if length == fixed + len(precincts):
                yield 1 << width + height + 4
                yield from (1 << max(0, (size & 15) - 1) + max(0, (size >> 4) - 1) for size in precincts)
