"""No picture costs the server more than 150 MB, whatever it promises: measured in a process of its own."""

import io
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import PictureError
from core.images import open_picture, open_square
from core.images.decoding_cost import MEMORY_CAP
from tests.core.test_images import encoded, png_claiming

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells a process its peak")

HUGE = 7000  # 49 million pixels, under the cap
MEASURE = """
import re, sys
from pathlib import Path
from PIL import Image
from core.errors import PictureError
from core.images import open_picture, open_square
Image.init()

def peak():  # of this process alone: what `resource` tells may be the parent's
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

before = peak()
try:
    path, side = Path(sys.argv[1]), int(sys.argv[2])
    picture = open_square(path, side) if side else open_picture(path)
    print("opened", end=" ")
except PictureError as error:
    print(error, end=" ")
print(peak() - before)
"""


def flat(mode: str, side: int, format: str, **options) -> bytes:
    return encoded(Image.new(mode, (side, side)), format, **options)


def png(side: int, bit_depth: int, colour: int, bytes_per_row: int, interlaced: bool = False) -> bytes:
    """All zeros: row after row without a filter; an interlaced one has a few bytes more in its seven passes."""
    rows = bytes((bytes_per_row + 1) * side + (2 * side + 99 if interlaced else 0))
    data = png_claiming(side, side, bit_depth, colour, rows)
    if interlaced:
        header = bytearray(data[12:29])
        header[-1] = 1
        data = data[:12] + bytes(header) + zlib.crc32(header).to_bytes(4) + data[33:]
    return data


def jpeg_in_three_scans(side: int) -> bytes:
    """Grey, and sequential; but each component has a scan of its own, so that all must be held until the last."""
    header = flat("RGB", 8, "JPEG", subsampling=0)
    header = header[: header.index(b"\xff\xda")]
    size = header.index(b"\xff\xc0") + 5
    header = header[:size] + struct.pack(">HH", side, side) + header[size + 4 :]
    blocks = (side // 8) ** 2  # four of them: "no difference, end of block" in the usual Huffman code
    luma, chroma = b"\x28\xa2\x8a" * (blocks // 4), bytes(blocks // 2)
    scans = ((1, b"\x00", luma), (2, b"\x11", chroma), (3, b"\x11", chroma))
    starts = (b"\xff\xda\x00\x08\x01" + bytes([name]) + table + b"\x00\x3f\x00" for name, table, _ in scans)
    return header + b"".join(start + body for start, (_, _, body) in zip(starts, scans, strict=True)) + b"\xff\xd9"


OPENED = {  # under or near what is allowed
    "PNG black and white": lambda: png(HUGE, 1, 0, HUGE // 8),
    "PNG grey": lambda: png(HUGE, 8, 0, HUGE),
    "PNG palette": lambda: flat("P", HUGE, "PNG"),
    "PNG 16-bit grey": lambda: png(HUGE, 16, 0, 2 * HUGE),
    "PNG grey, interlaced": lambda: png(HUGE, 8, 0, HUGE, interlaced=True),
    "PNG colour of a phone": lambda: png(3500, 8, 2, 3 * 3500),
    "PNG colour": lambda: png(4900, 8, 2, 3 * 4900),
    "PNG alpha of a phone": lambda: png(3500, 8, 6, 4 * 3500),
    "PNG alpha": lambda: png(4900, 16, 6, 8 * 4900),
    "PNG colour of 49 million, in strips": lambda: png(HUGE, 8, 2, 3 * HUGE),
    "PNG grey with alpha, in strips": lambda: png(HUGE, 8, 4, 2 * HUGE),
    "PNG alpha, in strips": lambda: png(HUGE, 8, 6, 4 * HUGE),
    "GIF": lambda: flat("P", HUGE, "GIF"),
    "GIF with transparency": lambda: flat("P", HUGE, "GIF", transparency=0, disposal=2),
    "BMP black and white": lambda: flat("1", HUGE, "BMP"),
    "BMP colour": lambda: flat("RGB", 4000, "BMP"),
    "PPM": lambda: flat("L", HUGE, "PPM"),
    "PPM of 16 bits": lambda: b"P5 3500 3500 65535\n" + bytes(2 * 3500 * 3500),
    "PPM of floats": lambda: b"Pf 3200 3200 -1.0\n" + bytes(4 * 3200 * 3200),
    "TIFF fax": lambda: flat("1", HUGE, "TIFF", compression="group4"),
    "TIFF in strips": lambda: flat("RGB", 4900, "TIFF", compression="tiff_lzw"),
    "TIFF in one strip": lambda: flat("RGB", 4000, "TIFF", compression="tiff_lzw", strip_size=1 << 30),
    "TIFF of floats": lambda: flat("F", 4000, "TIFF", compression="tiff_lzw"),
    "WebP of a large screen": lambda: flat("RGB", 2900, "WEBP"),
    "WebP alpha": lambda: flat("RGBA", 2900, "WEBP", lossless=True),
    "AVIF of a phone": lambda: flat("RGB", 3500, "AVIF", speed=10),
    "AVIF alpha": lambda: flat("RGBA", 3100, "AVIF", speed=10, subsampling="4:4:4"),
    "JPEG 2000": lambda: flat("RGB", 2300, "JPEG2000", num_resolutions=1),
    "JPEG 2000, halved": lambda: flat("RGB", 4900, "JPEG2000"),
    "JPEG": lambda: flat("RGB", HUGE, "JPEG"),
    "JPEG of a phone of 108 million": lambda: encoded(Image.new("RGB", (12_000, 9_000)), "JPEG"),
    "JPEG, scan by scan": lambda: jpeg_in_three_scans(4000),
    "JPEG, grey and progressive": lambda: flat("L", HUGE, "JPEG", progressive=True),
    "JPEG, progressive": lambda: flat("RGB", 4200, "JPEG", progressive=True, subsampling=0),
}
REFUSED = {
    "PPM in digits": lambda: b"P1 7000 7000\n" + b"1" * HUGE**2,
    "PPM of few greys": lambda: b"P5 7000 7000 7\n" + bytes(HUGE**2),
    "PNG colour, interlaced": lambda: png(HUGE, 8, 2, 3 * HUGE, interlaced=True),
    "PNG alpha, 16 bits, interlaced": lambda: png(HUGE, 16, 6, 8 * HUGE, interlaced=True),
    "PNG grey with alpha, interlaced": lambda: png(HUGE, 8, 4, 2 * HUGE, interlaced=True),
    "TIFF in one strip": lambda: flat("RGB", 5000, "TIFF", compression="tiff_lzw", strip_size=1 << 30),
    "WebP": lambda: flat("RGB", 3100, "WEBP"),
    "AVIF": lambda: flat("RGB", 4000, "AVIF", speed=10),
    "JPEG 2000 that cannot be halved": lambda: flat("RGB", 3000, "JPEG2000", num_resolutions=1),
    "JPEG 2000 of small tiles": lambda: flat("RGB", 1200, "JPEG2000", tile_size=(8, 8)),
    "JPEG 2000 of small blocks": lambda: flat("RGB", 1200, "JPEG2000", codeblock_size=(4, 4)),
    "JPEG, scan by scan": lambda: jpeg_in_three_scans(5600),
    "JPEG, progressive": lambda: flat("RGB", 5000, "JPEG", progressive=True, subsampling=0),
}


def outcome(data: bytes, side: int, folder) -> tuple[str, int]:
    """What opening says, and the bytes it takes at its peak."""
    path = folder / "picture"
    path.write_bytes(data)
    done = subprocess.run([sys.executable, "-c", MEASURE, path, str(side)], capture_output=True, text=True, check=True)
    said, peak_bytes = done.stdout.rsplit(" ", 1)
    return said, int(peak_bytes)


SMALL = ("PNG grey", "PNG alpha", "TIFF in strips", "JPEG", "JPEG, progressive")
# Each takes a process of its own: whole, every third one here, all of them by `make soak`.
WHOLE = [pytest.param(name, 0, marks=() if number % 3 == 0 else pytest.mark.soak) for number, name in enumerate(OPENED)]


@pytest.mark.parametrize(("name", "side"), [*WHOLE, *((name, 96) for name in SMALL)])
def test_a_large_picture_opens_within_150_MB(name, side, tmp_path):
    said, peak_bytes = outcome(OPENED[name](), side, tmp_path)
    assert said == "opened"
    assert 1_000_000 < peak_bytes <= MEMORY_CAP


@pytest.mark.parametrize("name", REFUSED)
def test_one_that_would_take_more_is_refused_with_a_sentence_before_it_takes_anything(name, tmp_path):
    data = REFUSED[name]()
    said, peak_bytes = outcome(data, 96, tmp_path)
    assert re.search(r"would take \d+ MB of memory and the limit is 150 MB: save it smaller", said)
    assert peak_bytes < len(data) + 20_000_000


def test_a_png_of_143_kB_does_not_end_a_small_host():
    data = encoded(Image.new("RGB", (HUGE, HUGE)))
    assert len(data) < 150_000
    assert not open_square(data, 64).any()


def test_the_text_that_comes_with_a_png_is_bounded_too(tmp_path):
    text = b"k\0\1\0\0\0" + zlib.compress("\U0001f408".encode() + bytes(1_000_000))  # four bytes a letter in memory
    chunk = len(text).to_bytes(4) + b"iTXt" + text + zlib.crc32(b"iTXt" + text).to_bytes(4)
    data = encoded(Image.new("RGB", (9, 9)))
    said, peak_bytes = outcome(data[:33] + 60 * chunk + data[33:], 0, tmp_path)
    assert "damaged" in said
    assert peak_bytes < 50_000_000


def test_a_picture_too_large_to_be_worked_on_whole_comes_reduced_and_otherwise_the_same():
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (45, 30), dtype=np.uint8)
    large = Image.fromarray(np.kron(coarse, np.ones((100, 100), np.uint8)))  # 13.5 million pixels
    got = open_picture(encoded(large, compress_level=1))
    assert got.shape == (2250, 1500, 3)
    assert np.array_equal(got[25::50, 25::50, 0], coarse)
    square = open_square(encoded(large, compress_level=1), 30)
    assert abs(square[..., 0].astype(int) - np.asarray(large.resize((30, 30), Image.Resampling.BILINEAR))).max() <= 2


def test_a_large_jpeg_comes_at_half_its_size():
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((4500, 3000)).convert("RGB").save(buffer, "JPEG")
    assert open_picture(buffer.getvalue()).shape == (1500, 2250, 3)
    buffer.truncate(1000)
    with pytest.raises(PictureError, match=r"truncated|damaged"):
        open_picture(buffer.getvalue())


def test_strips_are_invisible(monkeypatch):
    picture = Image.effect_noise((60, 50), 90)
    for image in (picture.convert("RGB"), picture.convert("RGBA"), picture.convert("P"), picture.convert("F")):
        whole = open_picture(encoded(image, "TIFF"))
        with monkeypatch.context() as patch:
            patch.setattr("core.images.rgb.STRIP_PIXELS", 400)
            assert np.array_equal(open_picture(encoded(image, "TIFF")), whole)
