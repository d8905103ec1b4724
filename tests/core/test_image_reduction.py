"""Large images are decoded at a fraction of their size where their format allows it."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from core.errors import PictureError
from core.images import jpeg_2000, open_picture, open_square
from core.images.opening import decode_square
from tests.core.test_images import encoded

LEFT_TO_RIGHT = np.repeat(np.arange(256, dtype=np.uint8)[None], 64, axis=0)


def jpeg_of(width: int, height: int, **options) -> bytes:
    return encoded(Image.fromarray(LEFT_TO_RIGHT).resize((width, height)), "JPEG", quality=30, **options)


def test_a_phone_photo_of_108_million_pixels_is_read():
    data = jpeg_of(12_000, 9_000)
    picture, size, _ = decode_square(data, 64)
    assert size == (9_000, 12_000)
    assert abs(picture[..., 0].mean(axis=0) - np.linspace(2, 253, 64)).max() < 4
    assert open_picture(data).shape == (1125, 1500, 3)


def test_its_orientation_is_honoured():
    exif = Image.Exif()
    exif[0x0112] = 6
    picture, size, _ = decode_square(jpeg_of(12_000, 9_000, exif=exif), 64)
    assert size == (12_000, 9_000)
    assert picture[..., 0].mean(axis=1)[0] < 5 < 250 < picture[..., 0].mean(axis=1)[-1]


def test_a_progressive_one_that_would_not_fit_says_so_and_one_that_does_is_read():
    header = jpeg_of(64, 64, progressive=True)
    size = header.index(b"\xff\xc2") + 5
    claiming = header[:size] + struct.pack(">HH", 9_000, 12_000) + header[size + 4 :]
    with pytest.raises(PictureError, match=r"would take \d+ MB of memory and the limit is 150 MB"):
        open_square(claiming, 64)
    assert open_square(jpeg_of(8_000, 6_000, progressive=True), 64).shape == (64, 64, 3)


def test_a_jpeg_of_a_great_many_scans_is_refused_and_the_usual_ten_are_not():
    data = jpeg_of(5_000, 4_000, progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    assert open_square(data, 64).shape == (64, 64, 3)
    with pytest.raises(PictureError, match=r"has 206 scans and would take seconds to decode: save it again"):
        open_square(data[:-2] + 200 * last + b"\xff\xd9", 64)


def test_a_jpeg_2000_of_many_bytes_that_cannot_be_halved_is_refused():
    noise = Image.effect_noise((64, 64), 90)
    data = encoded(noise, "JPEG2000", num_resolutions=1)
    assert open_square(data, 8).shape == (8, 8, 3)
    with pytest.raises(PictureError, match="cannot be decoded at a smaller size and would take seconds"):
        open_square(data + bytes(7_000_000), 8)


def test_a_jpeg_beyond_all_phones_is_refused_by_number():
    header = jpeg_of(64, 64)
    size = header.index(b"\xff\xc0") + 5
    with pytest.raises(PictureError, match=r"300 million pixels and the limit is 250 million"):
        open_square(header[:size] + struct.pack(">HH", 15_000, 20_000) + header[size + 4 :], 64)


def jpeg_2000_of(side: int, **options) -> bytes:
    return encoded(Image.fromarray(LEFT_TO_RIGHT).resize((side, side)), "JPEG2000", **options)


def test_a_jpeg_2000_is_decoded_at_the_size_that_is_needed():
    data = jpeg_2000_of(1024)
    image = Image.open(io.BytesIO(data))
    assert [jpeg_2000.halvings(image, side, data) for side in (None, 1024, 512, 100, 8)] == [0, 0, 1, 3, 5]
    small = open_square(data, 32)[..., 0].mean(axis=0)
    assert abs(small - np.linspace(4, 251, 32)).max() < 6
    few_levels = jpeg_2000_of(1024, num_resolutions=2)
    assert jpeg_2000.halvings(Image.open(io.BytesIO(few_levels)), 8, few_levels) == 1
    assert open_square(few_levels, 32).shape == (32, 32, 3)


@pytest.mark.parametrize(
    ("field", "value"),
    [("tiles", struct.pack(">II", 1, 1)), ("blocks", b"\0\0")],
)
def test_a_small_jpeg_2000_that_promises_a_great_many_parts_is_refused(field, value):
    data = bytearray(jpeg_2000_of(2000, no_jp2=True))
    at = {"tiles": data.index(b"\xff\x51") + 22, "blocks": data.index(b"\xff\x52") + 10}[field]
    data[at : at + len(value)] = value
    with pytest.raises(PictureError, match=r"would take [\d,]+ MB of memory"):
        open_picture(bytes(data))
