"""Pictures that no camera has taken: cut, bent, with something else behind them, and claiming more than they hold."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable
from functools import cache

import numpy as np
from PIL import Image

FORMATS = {
    "PNG": ("RGB", "RGBA", "L", "LA", "P", "1", "I;16"),
    "JPEG": ("RGB", "L", "CMYK"),
    "WEBP": ("RGB", "RGBA"),
    "GIF": ("P", "L"),
    "BMP": ("RGB", "L", "1"),
    "TIFF": ("RGB", "L", "I;16", "F", "CMYK", "LAB"),
    "AVIF": ("RGB",),
    "JPEG2000": ("RGB", "L"),
    "PPM": ("RGB", "L", "1"),
}
MAGIC = (
    *(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\xff\xff\xff\xffWEBPVP8X", b"GIF89a", b"BM", b"II*\0"),
    *(b"MM\0*", b"\0\0\0\x20ftypavif", b"\0\0\0\x0cjP  \r\n\x87\n", b"P6\n", b"8BPS", b"%!PS-Adobe"),
    *(b"<svg xmlns=", b"\0\0\x01\0"),
)
BEHIND = (
    b"PK\x05\x06" + bytes(18),
    b"<script>alert(1)</script>",
    b"#!/bin/sh\nrm -rf ~\n",
    bytes(100_000),
    b"\xff" * 4096,
)
MEGAPIXELS_300 = (20_000, 15_000)


@cache
def honest(kind: str, mode: str) -> bytes:
    """A small picture as the format's own encoder writes it."""
    values = np.random.default_rng(0).integers(0, 255, (23, 31, 3), dtype=np.uint8)
    image = Image.fromarray(values)
    image = Image.fromarray(values[..., 0].astype(np.uint16) * 257) if mode == "I;16" else image.convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def any_honest(dice: random.Random) -> bytes:
    kind = dice.choice(sorted(FORMATS))
    return honest(kind, dice.choice(FORMATS[kind]))


def cut(dice: random.Random) -> bytes:
    """A picture that ends too early."""
    data = any_honest(dice)
    return data[: dice.randrange(len(data))]


def bent(dice: random.Random) -> bytes:
    """A picture with some bytes changed, most of them in its head."""
    data = bytearray(any_honest(dice))
    for _ in range(dice.randint(1, 20)):
        at = dice.randrange(min(len(data), 120)) if dice.random() < 0.7 else dice.randrange(len(data))
        data[at] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))
    return bytes(data)


def spliced(dice: random.Random) -> bytes:
    """The head of one picture and the rest of another, or one with something else before or behind it."""
    one, other = any_honest(dice), any_honest(dice)
    if dice.random() < 0.4:
        return one[: dice.randrange(1, len(one))] + other[dice.randrange(len(other)) :]
    parts = [one, dice.choice(BEHIND)]
    return b"".join(parts if dice.random() < 0.7 else parts[::-1])


def claiming(dice: random.Random) -> bytes:
    """A head that promises 300 megapixels, or a side of 0 or of two billion, with next to nothing behind it."""
    width, height = dice.choice((MEGAPIXELS_300, (2**31 - 1, 2**31 - 1), (0, 7), (1, 2**31 - 1), (65_535, 65_535)))
    kind = dice.choice(("PNG", "BMP", "GIF", "PPM", "JPEG", "WEBP"))
    data = bytearray(honest(kind, FORMATS[kind][0]))
    if kind == "PNG":
        data[16:24] = struct.pack(">II", width, height)
        data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    elif kind == "BMP":
        data[18:26] = struct.pack("<ii", width, height)
    elif kind == "GIF":
        data[6:10] = struct.pack("<HH", width & 0xFFFF, height & 0xFFFF)
    elif kind == "PPM":
        return b"P6\n%d %d\n255\n" % (width, height) + bytes(99)
    elif kind == "JPEG":
        at = data.find(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">HH", height & 0xFFFF, width & 0xFFFF)
    else:
        sides = (max(1, width) - 1).to_bytes(4, "little")[:3] + (max(1, height) - 1).to_bytes(4, "little")[:3]
        return b"RIFF" + struct.pack("<I", 30) + b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + sides + bytes(20)
    return bytes(data)


def tagged(dice: random.Random) -> bytes:
    """A JPEG or PNG with any EXIF: an orientation that does not exist, wrong types, offsets that lead out, garbage."""
    tag = struct.pack(
        "<HHII",
        dice.choice((274, 34665, 34853, 40965, 37500)),
        dice.randrange(14),
        dice.choice((1, 2**31)),
        dice.randrange(2**32),
    )
    block = b"II*\0\x08\0\0\0" + struct.pack("<H", dice.choice((1, 65_535))) + tag * dice.choice((1, 40)) + b"\0\0\0\0"
    block = dice.choice((block, dice.randbytes(300), b"", b"MM\0*" + block[4:]))
    buffer = io.BytesIO()
    image = Image.open(io.BytesIO(honest("PNG", "RGB")))
    image.save(buffer, dice.choice(("JPEG", "PNG", "WEBP")), exif=b"Exif\0\0" + block)
    return buffer.getvalue()


def animated(dice: random.Random) -> bytes:
    """Up to 10,000 frames: each of a GIF is a few bytes."""
    head = b"GIF89a" + struct.pack("<HH", 2, 2) + b"\x80\0\0\0\0\0\xff\xff\xff"
    frame = b"\x21\xf9\x04\0\0\0\0\0" + b"," + struct.pack("<HHHHB", 0, 0, 2, 2, 0) + b"\x02\x03\x84\x51\x05\0"
    return head + frame * dice.choice((2, 100, 10_000)) + dice.choice((b";", b""))


def inflated(dice: random.Random) -> bytes:
    """A PNG with comments or a colour profile that unpack to many megabytes."""
    bomb = zlib.compress(bytes(dice.choice((1_000_000, 20_000_000))), 9)
    kind, content = dice.choice(
        ((b"zTXt", b"a\0\0" + bomb), (b"iCCP", b"a\0\0" + bomb), (b"iTXt", b"a\0\1\0\0\0" + bomb))
    )
    chunk = struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    data = honest("PNG", "RGB")
    return data[:33] + chunk * dice.choice((1, 3)) + data[33:]


def noise(dice: random.Random) -> bytes:
    """The first bytes of some format, and then anything."""
    return dice.choice(MAGIC) + dice.randbytes(dice.choice((0, 20, 5000)))


WAYS: tuple[Callable[[random.Random], bytes], ...] = (
    *(cut, bent, bent, bent, spliced, claiming, tagged, animated, inflated, noise),
)


def hostile_picture(seed: int) -> bytes:
    """One of them; the same seed gives the same bytes."""
    dice = random.Random(seed)
    return dice.choice(WAYS)(dice)
