"""Files are told by their content, and by their name where that suffices."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from core.errors import PictureError
from core.images import could_be_image, open_picture
from core.images.signatures import READ, kind_of
from tests.core.test_images import PHOTO, encoded

ENCODED = {
    format: encoded(PHOTO[:16, :16], format)
    for format in ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "AVIF", "JPEG2000", "PPM")
}


@pytest.mark.parametrize("format", ENCODED)
def test_what_is_read_is_recognised_whatever_its_name(format):
    kind = kind_of(ENCODED[format])
    assert kind in READ
    assert kind.name.split()[1].upper() in format or format == "JPEG2000"
    for name in ("cat/photo.jpg?w=300", "cat/1.jpg.1", "a:b:c", "cat/photo.of.a.cat", "README", "x.part", "cat/v1.2"):
        assert could_be_image(name, ENCODED[format])
        assert could_be_image(name, lambda: ENCODED[format])
        assert not could_be_image(name, b"some words")


def unread() -> bytes:
    raise AssertionError("a name that says enough")


@pytest.mark.parametrize("name", ["1.JPG", "a.b/1.Tiff", "1.heic", "1.CR2", "1.jp2", "1.svg", "1.psd"])
def test_a_picture_s_suffix_says_enough(name):
    assert could_be_image(name, unread)


@pytest.mark.parametrize(
    "name",
    [
        *("labels.csv", "cat/1.txt", "README.md", "train.zip", "cat/movie.mp4", "paper.PDF"),
        *("__MACOSX/cat/._1.jpg", "cat/.DS_Store", "cat/Thumbs.db", ".ipynb_checkpoints/1-checkpoint.jpg"),
        *("cat/._1.jpg", "desktop.ini", "$RECYCLE.BIN/1.jpg", "@eaDir/1.jpg"),
    ],
)
def test_so_do_other_suffixes_and_what_systems_leave_behind(name):
    assert not could_be_image(name, unread)


@pytest.mark.parametrize("name", ["cat/page?id=7", "notes", "cat/movie"])
def test_pages_and_films_without_a_suffix_are_no_pictures(name):
    assert not could_be_image(name, b"<!DOCTYPE html><html>")
    assert not could_be_image(name, b"\0\0\0\x20ftypisom")


NAMED = {
    "an HEIC photo": (b"\0\0\0\x18ftypheic", "Most Compatible"),
    "a JPEG XL image": (b"\xff\x0a" + bytes(20), "save it as JPEG"),
    "a camera RAW photo": (b"II*\0\x10\0\0\0CR\2\0", "develop it"),
    "a Photoshop file": (b"8BPS\0\1", "save it as JPEG"),
    "a web page": (b"\r\n <HTML><body>", "download the image itself"),
    "an SVG drawing": (b'<?xml version="1.0"?><svg width="9"/>', "save it as JPEG"),
    "an icon (ICO)": (b"\0\0\1\0\1\0\x10\x10", "save it as JPEG"),
    "a DICOM image": (bytes(128) + b"DICM", "export it as PNG"),
    "a PDF document": (b"%PDF-1.4", "save it as JPEG"),
    "a video": (b"\0\0\0\x20ftypisom", "frames"),
    "a Git LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
    "a file of macOS that accompanies an image": (b"\0\5\x16\7" + bytes(30), "leave it out"),
    "an archive": (b"Rar!\x1a\7\1\0", "unpack it"),
    "an array": (b"\x93NUMPY\1\0", "save it as JPEG"),
}


@pytest.mark.parametrize("reason", NAMED)
def test_what_is_not_read_is_called_by_its_name_with_what_to_do(reason):
    head, way_out = NAMED[reason]
    with pytest.raises(PictureError, match=way_out) as caught:
        open_picture(head + bytes(200))
    assert caught.value.reason == reason
    assert str(caught.value).startswith(f"This file is {reason}")


def raw_tiff(*tags: tuple[int, int]) -> bytes:
    """A TIFF of one grey pixel with further tags, as cameras put a small preview before what the sensor gave."""
    entries = sorted({256: 1, 257: 1, 258: 8, 259: 1, 262: 1, 273: 4, 277: 1, 278: 1, 279: 1, **dict(tags)}.items())
    table = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + table + bytes(4)


@pytest.mark.parametrize("tags", [[(50706, 1)], [(254, 1), (330, 8)]], ids=["DNG", "NEF"])
def test_the_preview_in_a_camera_s_raw_file_is_not_taken_for_the_photo(tags):
    assert open_picture(raw_tiff()).shape == (1, 1, 3)
    with pytest.raises(PictureError, match="camera RAW photo: develop it"):
        open_picture(raw_tiff(*tags))


@pytest.mark.parametrize(
    ("tags", "form"),
    [([(258, 64), (339, 3)], "one band of 64-bit floats"), ([(277, 13)], "13 bands of 8-bit integers")],
)
def test_a_tiff_of_a_satellite_or_an_instrument_is_told_by_its_bands_and_values(tags, form):
    with pytest.raises(PictureError, match=f"has {form}, which is not read here: save it as") as caught:
        open_picture(raw_tiff(*tags))
    assert caught.value.reason == "a TIFF of an unusual kind"
    with pytest.raises(PictureError, match="damaged"):
        open_picture(raw_tiff((262, 7)))  # a colour model that there is not


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "I;16"])
def test_jpeg_2000_opens_as_what_it_was(mode):
    image = Image.fromarray(PHOTO).convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    want = np.asarray(Image.fromarray(PHOTO).convert("RGB" if "RGB" in mode else "L").convert("RGB"))
    for options in (
        {},
        {"no_jp2": True},
        *[{"tile_size": (32, 32)}] * (mode != "I;16"),
    ):  # Pillow mixes up 16-bit tiles
        buffer = io.BytesIO()
        image.save(buffer, "JPEG2000", **options)
        assert np.array_equal(open_picture(buffer.getvalue()), want)
