"""Samples are what the lessons say; whatever a stranger uploads is opened rightly or refused with a sentence."""

import contextlib
import io
import pickle
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import PictureError
from core.images import SAMPLES, open_picture, open_square, opening, sample

PHOTO = sample("chelsea")[:96, :128]


def encoded(image: Image.Image | np.ndarray, format: str = "PNG", **options) -> bytes:
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def png_claiming(width: int, height: int, bit_depth: int = 8, colour: int = 2, rows: bytes = b"") -> bytes:
    """A PNG whose header promises that size, whatever follows."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bit_depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


# ---------------------------------------------------------------------------------------------- samples


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_loads_without_a_download_and_is_yours_to_change(name):
    first = sample(name)
    assert first.dtype == np.uint8
    assert first.ndim == 2 or first.shape[2] == 3
    kept = first.copy()
    first[:] = 7
    assert np.array_equal(sample(name), kept)


def test_samples_are_those_of_their_packages():
    from skimage import data
    from sklearn.datasets import load_sample_image

    for name in ("chelsea", "astronaut", "camera"):
        assert np.array_equal(sample(name), getattr(data, name)())
    for name in ("china", "flower"):
        assert np.array_equal(sample(name), load_sample_image(f"{name}.jpg"))


def test_the_edge_is_light_left_of_column_30():
    edge = sample("edge") / 255
    assert edge.shape == (50, 50)
    assert (edge[:, :30] == 1).all()
    assert (edge[:, 30:] == 0).all()


def test_the_letter_x_is_symmetric_and_has_two_strokes():
    x = sample("letter_x")
    assert x.shape == (9, 9)
    assert np.array_equal(x, x.T)
    assert np.array_equal(x, x[::-1])
    assert np.count_nonzero(x) == 13


def test_an_unknown_sample_names_the_known_ones():
    with pytest.raises(PictureError, match="chelsea"):
        sample("garfield")


def test_samples_need_neither_torch_nor_scikit_image_imported():
    code = (
        "import sys; from core.images import SAMPLES, sample; [sample(n) for n in SAMPLES];"
        "sys.exit(bool({'torch', 'skimage', 'sklearn', 'streamlit', 'plotly'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ------------------------------------------------------------------------------------- pictures that open


GREY = np.asarray(Image.fromarray(PHOTO).convert("L"))
MODES = {  # an image of each mode; what it should look like is Pillow's own conversion, or GREY where that clips
    **{mode: Image.fromarray(PHOTO).convert(mode) for mode in ("1", "L", "P", "RGB", "CMYK", "YCbCr")},
    "I;16": Image.fromarray(GREY.astype(np.uint16) * 257),
    "I": Image.fromarray(GREY.astype(np.int32) * 257),
    "F": Image.fromarray((GREY / 255).astype(np.float32)),
}
HOLDS = {
    "PNG": ("1", "L", "P", "RGB", "I;16"),
    "TIFF": ("1", "L", "P", "RGB", "CMYK", "YCbCr", "I;16", "I", "F"),
    "JPEG": ("L", "RGB", "CMYK", "YCbCr"),
    "BMP": ("1", "L", "P", "RGB"),
    "GIF": ("1", "L", "P", "RGB"),
    "WEBP": ("L", "RGB"),
    "AVIF": ("L", "RGB"),
    "PPM": ("1", "L", "RGB"),
}


@pytest.mark.parametrize(("format", "mode"), [(format, mode) for format, modes in HOLDS.items() for mode in modes])
def test_every_mode_of_every_format_opens_as_the_picture_it_is(format, mode):
    image = MODES[mode]
    assert image.mode == mode
    got = open_picture(encoded(image, format)).astype(int)
    want = np.dstack([GREY] * 3) if mode in ("I;16", "I", "F") else np.asarray(image.convert("RGB"))
    lossless = format in ("PNG", "TIFF", "BMP", "PPM") or (mode in ("1", "P", "L") and format == "GIF")
    assert abs(got - want).mean() <= (0 if lossless else 8)


def test_alpha_lies_over_white():
    colours = np.array([[[255, 0, 0, 255], [255, 0, 0, 0], [0, 0, 0, 128]]], dtype=np.uint8)
    assert open_picture(encoded(colours)).tolist() == [[[255, 0, 0], [255, 255, 255], [127, 127, 127]]]
    grey = Image.fromarray(np.array([[[0, 255], [0, 0]]], dtype=np.uint8), "LA")
    assert open_picture(encoded(grey)).tolist() == [[[0, 0, 0], [255, 255, 255]]]
    palette = Image.new("P", (2, 1))
    palette.putpalette([0, 0, 255, 255, 0, 0])
    palette.putpixel((1, 0), 1)
    assert open_picture(encoded(palette, transparency=1)).tolist() == [[[0, 0, 255], [255, 255, 255]]]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_the_camera_s_orientation_is_applied(orientation, format):
    upright = np.zeros((24, 48, 3), dtype=np.uint8)
    upright[:8, :12] = 255  # a light corner tells all eight apart
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"exif": exif} | ({"lossless": True} if format == "WEBP" else {})
    got = open_picture(encoded(np.ascontiguousarray(stored), format, **options))
    assert got.shape == upright.shape
    assert abs(got.astype(int) - upright).max() < 60


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_a_broken_orientation_note_does_not_spoil_the_picture():
    data = encoded(PHOTO, "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff broken")
    assert open_picture(data).shape == PHOTO.shape


def test_the_first_frame_and_the_first_page_are_taken():
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    for format in ("GIF", "WEBP", "TIFF", "PNG"):
        picture = open_picture(encoded(frames[0], format, save_all=True, append_images=frames[1:]))
        assert abs(picture.astype(int) - [255, 0, 0]).max() < 8, format


def test_wide_floats_with_holes_open():
    wide = np.array([[np.nan, -5.0, 5.0]], dtype=np.float32)
    assert open_picture(encoded(wide, "TIFF"))[0, :, 0].tolist() == [128, 0, 255]


def test_bytes_path_name_and_a_half_read_file_are_the_same(tmp_path):
    data = encoded(PHOTO)
    path = tmp_path / "cat.jpg"  # the name does not matter
    path.write_bytes(data)
    half_read = io.BytesIO(data)
    half_read.read(99)
    for source in (data, path, str(path), half_read):
        assert np.array_equal(open_picture(source), PHOTO)


def test_the_odd_pictures_open(odd):
    sizes = {path.name: open_picture(path).shape for path in odd.iterdir()}
    assert sizes == {
        "Bombay_160.jpg": (175, 174, 3),
        "Cat1035.png": (450, 800, 3),
        "cat.4821.jpg": (39, 60, 3),
        "dog.4367.jpg": (33, 195, 3),
        "horse.png": (328, 400, 3),
        "multipage.tif": (15, 10, 3),
        "no_time_for_that_tiny.gif": (25, 14, 3),
    }


# ---------------------------------------------------------------------------------- pictures that do not

JPEG = encoded(sample("chelsea"), "JPEG")
HOSTILE = {
    "empty file": b"",
    "not an image": b"Dear teacher, the dog ate my picture.",
    "a web page": b"\n<!DOCTYPE html><html><body>404</body></html>",
    "an SVG drawing": b'<?xml version="1.0"?><!-- x --><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    "a PostScript drawing": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(touched) (w) file\n",
    "a PDF document": b"%PDF-1.7\n",
    "a zip archive": b"PK\x03\x04" + bytes(30),
    "an HEIC photo": b"\x00\x00\x00\x18ftypheic" + bytes(30),
    "truncated": JPEG[: len(JPEG) // 2],
    "damaged": JPEG[:40],
    "too many pixels": png_claiming(20_000, 15_000),
}


@pytest.mark.parametrize("reason", HOSTILE)
def test_what_is_no_picture_is_refused_with_its_reason(reason):
    with pytest.raises(PictureError) as caught:
        open_picture(HOSTILE[reason])
    assert caught.value.reason == reason
    assert ":" in str(caught.value)  # what is wrong, then the way out
    assert pickle.loads(pickle.dumps(caught.value)).reason == reason


@pytest.mark.filterwarnings("ignore:Image size")
def test_three_hundred_megapixels_are_refused_by_number_and_before_decoding():
    with pytest.raises(PictureError, match=r"300 million pixels and the limit is 50 million"):
        open_picture(png_claiming(20_000, 15_000))
    with pytest.raises(PictureError, match=r"100 million"):  # under Pillow's own limit, above ours
        open_picture(png_claiming(10_000, 10_000, bit_depth=1, colour=0, rows=bytes(1251 * 10_000)))


def test_a_canvas_of_gigabytes_in_a_small_webp_is_refused():
    size = (16_000_000 - 1).to_bytes(3, "little")
    data = b"RIFF" + struct.pack("<I", 100) + b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + size + size
    with pytest.raises(PictureError, match="million pixels"):
        open_picture(data + bytes(60))


def test_a_file_of_too_many_bytes_is_refused_without_reading_it_all(monkeypatch, tmp_path):
    monkeypatch.setattr(opening, "BYTE_CAP", 1000)
    path = tmp_path / "large"
    path.write_bytes(bytes(2000))
    with pytest.raises(PictureError, match="larger"):
        open_picture(path)


def test_folders_and_missing_files_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "nothing.jpg"):
        with pytest.raises(PictureError, match="no file"):
            open_picture(path)


@pytest.mark.parametrize("side", [None, 24])
@pytest.mark.parametrize("progressive", [False, True])
def test_no_cut_jpeg_slips_through_even_when_decoded_small(side, progressive):
    data = encoded(sample("chelsea"), "JPEG", progressive=progressive)
    for share in (0.05, 0.2, 0.5, 0.9, 0.99):
        cut = data[: int(len(data) * share)]
        with pytest.raises(PictureError):
            open_picture(cut) if side is None else open_square(cut, side)


@pytest.mark.parametrize("format", ["PNG", "GIF", "BMP", "WEBP", "TIFF", "AVIF"])
def test_other_cut_files_are_refused(format):
    data = encoded(PHOTO, format)
    with pytest.raises(PictureError):
        open_picture(data[: len(data) // 2])


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "PPM"]), st.data())
def test_a_damaged_file_gives_a_picture_or_a_picture_error_and_nothing_else(format, data):
    damaged = bytearray(SMALL[format])
    for place in data.draw(st.lists(st.integers(0, len(damaged) - 1), min_size=1, max_size=8)):
        damaged[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(PictureError):
        assert open_picture(bytes(damaged)).dtype == np.uint8


SMALL = {format: encoded(PHOTO[:16, :16], format) for format in ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "PPM")}
