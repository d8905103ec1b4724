"""A PNG read in strips is the one that Pillow reads whole."""

import contextlib
import zlib

import numpy as np
import pytest
from PIL import Image

from core.errors import PictureError
from core.images import open_picture, open_square, opening, png_strips
from core.images.png_strips import StripedPng
from tests.core.test_images import encoded


def noise(mode: str, width: int = 61, height: int = 47) -> Image.Image:
    """Smooth in parts, so that Pillow uses all of PNG's filters."""
    rng = np.random.default_rng(0)
    bands = len(Image.new(mode, (1, 1)).getbands())
    ramp = np.add.outer(np.arange(height) * 3, np.arange(width) * 2)[..., None] + rng.integers(0, 9, (1, 1, bands))
    rough = rng.integers(0, 256, (height, width, bands))
    pixels = np.where(np.arange(height)[:, None, None] % 9 < 6, ramp, rough).astype(np.uint8)
    return (
        Image.fromarray(pixels.squeeze(), mode)
        if bands == 1
        else Image.merge(mode, [Image.fromarray(np.ascontiguousarray(pixels[..., band])) for band in range(bands)])
    )


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA"])
@pytest.mark.parametrize("strip_bytes", [1, 1_000, 100_000])
@pytest.mark.parametrize("pieces", [1, 7])
def test_its_strips_put_together_are_the_picture(mode, strip_bytes, pieces, monkeypatch):
    monkeypatch.setattr(png_strips, "STRIP_BYTES", strip_bytes)
    picture = noise(mode)
    png = StripedPng.of(in_pieces(encoded(picture), pieces))
    whole = Image.new(mode, picture.size)
    for top, strip in png.strips(multiple=3):
        assert top % 3 == 0
        whole.paste(strip, (0, top))
    assert whole.tobytes() == picture.tobytes()


def in_pieces(data: bytes, count: int) -> bytes:
    """The same PNG with its pixels in several chunks."""
    at = data.index(b"IDAT") - 4
    size = int.from_bytes(data[at : at + 4])
    body, rest = data[at + 8 : at + 8 + size], data[at + 12 + size :]
    step = -(-size // count)
    parts = [body[begin : begin + step] for begin in range(0, size, step)]
    chunks = (len(part).to_bytes(4) + b"IDAT" + part + zlib.crc32(b"IDAT" + part).to_bytes(4) for part in parts)
    return data[:at] + b"".join(chunks) + rest


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_what_is_opened_in_strips_is_what_is_opened_whole(mode, orientation, monkeypatch):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(noise(mode), exif=exif)
    whole = open_picture(data)
    monkeypatch.setattr(opening, "MEMORY_CAP", 0)
    monkeypatch.setattr(png_strips, "STRIP_BYTES", 2_000)
    assert np.array_equal(open_picture(data), whole)


def test_no_more_of_it_is_held_than_a_small_square_needs(monkeypatch):
    data, made = encoded(Image.radial_gradient("L").resize((900, 610)).convert("RGB")), []
    whole = open_square(data, 12)
    monkeypatch.setattr(opening, "MEMORY_CAP", 0)
    monkeypatch.setattr(opening, "upright", lambda image, orientation: made.append(image.size) or image)
    assert np.abs(open_square(data, 12).astype(int) - whole).max() <= 3
    assert made == [(75, 51)]


@pytest.mark.parametrize("mode", ["P", "L", "I;16", "1"])
def test_other_kinds_are_not_read_so(mode):
    assert StripedPng.of(encoded(Image.new(mode, (9, 9)))) is None
    assert StripedPng.of(encoded(Image.new("RGB", (9, 9)), transparency=(0, 0, 0))) is None
    assert StripedPng.of(encoded(Image.new("RGB", (9, 9)), "BMP")) is None


@pytest.mark.parametrize("length", range(40, 2900, 173))
def test_one_that_is_cut_short_or_damaged_is_refused_with_a_sentence(length, monkeypatch):
    monkeypatch.setattr(opening, "MEMORY_CAP", 0)
    data = encoded(noise("RGB"))
    with pytest.raises(PictureError):
        open_picture(data[:length])
    damaged = bytearray(data)
    damaged[length] ^= 0xFF
    with contextlib.suppress(PictureError):
        assert open_picture(bytes(damaged)).shape == (47, 61, 3)
