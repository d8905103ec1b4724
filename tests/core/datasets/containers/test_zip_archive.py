"""Whatever wrote a ZIP: its members are read, or one sentence says what is in the way."""

import io
import stat
import struct
import zipfile
import zlib

import pytest

from core.datasets.reading.containers import open_archive
from core.datasets.reading.containers.decompression import decompressed, gzip_stream
from core.errors import DataError, PictureError
from tests.core.datasets.containers.archives import FILES, contents, png, raw_zip, zipped


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=str
)
def test_every_method_of_python_is_read_and_the_first_bytes_too(method):
    files = {**FILES, "cat/large.bin": bytes(range(256)) * 4000, "cat/empty": b""}
    opened = open_archive(io.BytesIO(zipped(files, method)), "pets")
    assert opened.name == "pets"
    assert {path: file.read() for path, file in opened.files.items()} == files
    assert {path: file.head() for path, file in opened.files.items()} == {n: data[:4096] for n, data in files.items()}
    assert {path: file.size for path, file in opened.files.items()} == {n: len(data) for n, data in files.items()}


@pytest.mark.parametrize(
    ("method", "name"), [(9, "Deflate64"), (93, "Zstandard"), (98, "PPMd"), (77, "method 77")], ids=str
)
def test_another_method_is_named_with_the_way_out(method, name):
    with pytest.raises(DataError, match=rf"{name}.*not read here: zip the class folders again"):
        contents(raw_zip({b"cat/1.png": png(), b"dog/1.png": png()}, method))


def test_one_member_of_another_method_leaves_the_others():
    archive = bytearray(raw_zip({b"a/1.png": png(1), b"a/2.png": png(2)}))
    at = archive.rfind(b"PK\x01\x02")
    archive[at + 10 : at + 12] = struct.pack("<H", 9)
    files = open_archive(io.BytesIO(bytes(archive))).files
    assert files["a/1.png"].read() == png(1)
    assert files["a/2.png"].head() == b""
    with pytest.raises(PictureError, match="Deflate64") as caught:
        files["a/2.png"].read()
    assert caught.value.reason == "compressed with Deflate64"


def test_a_member_with_a_password_leaves_the_others():
    archive = bytearray(raw_zip({b"a/1.png": png(1), b"a/2.png": png(2)}))
    archive[archive.rfind(b"PK\x01\x02") + 8] |= 1
    files = open_archive(io.BytesIO(bytes(archive))).files
    assert files["a/1.png"].read() == png(1)
    with pytest.raises(PictureError, match="password"):
        files["a/2.png"].read()


@pytest.mark.parametrize("comment", [b"", b"made by PK\x05\x06 tools " + b"x" * 60_000, b"PK\x05\x06" * 5000])
@pytest.mark.parametrize("prefix", [b"", b"MZ" + bytes(3000)])
def test_what_stands_before_an_archive_and_what_its_comment_quotes_do_no_harm(comment, prefix):
    archive = zipped(FILES)
    archive = prefix + archive[:-2] + struct.pack("<H", len(comment)) + comment
    assert contents(archive) == FILES


def test_bytes_behind_an_archive_do_no_harm():
    assert contents(zipped(FILES) + b"\r\n--boundary--\r\n") == FILES


def test_the_64_bit_form_is_read():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("cat/1.png", "w", force_zip64=True) as member:
        member.write(png())
    short = buffer.getvalue()
    table, end = short.find(b"PK\x01\x02"), short.rfind(b"PK\x05\x06")
    long_end = struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1, 1, end - table, table)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, end, 1)
    last = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert contents(short[:end] + b"PK\x06\x06" + long_end + locator + last) == {"cat/1.png": png()}


def test_the_newest_of_several_members_of_one_name_counts_and_a_note_says_so():
    archive = raw_zip({b"cat/1.png": b"old", b"cat/2.png": b"new"}).replace(b"cat/2.png", b"cat/1.png")
    opened = open_archive(io.BytesIO(archive))
    assert opened.files["cat/1.png"].read() == b"new"
    assert "more than once" in opened.notes[0]


@pytest.mark.parametrize(
    ("name", "path"),
    [("/pets/cat/1.png", "pets/cat/1.png"), ("C:\\pets\\cat\\1.png", "pets/cat/1.png"), ("./cat//1.png", "cat/1.png")],
)
def test_absolute_names_are_read_as_unpackers_do(name, path):
    assert contents(raw_zip({name.encode(): png()})) == {path: png()}


def test_names_that_lead_out_are_left_out():
    opened = open_archive(
        io.BytesIO(raw_zip({b"../../etc/1.png": png(), b"a/..\\..\\1.png": png(), b"a/2.png": png()}))
    )
    assert list(opened.files) == ["a/2.png"]
    assert set(opened.left_out.values()) == {"a path out of the archive"}


def test_folders_are_known_even_if_empty_and_links_are_not_followed():
    opened = open_archive(io.BytesIO(zipped({**FILES, "fox/": b""})))
    assert "fox" in opened.folders
    linked = open_archive(io.BytesIO(raw_zip({b"cat/1.png": b"/etc/passwd"}, mode=stat.S_IFLNK | 0o777)))
    assert (dict(linked.files), linked.left_out) == ({}, {"cat/1.png": "a symbolic link"})


def test_a_download_that_stopped_is_told_from_one_that_is_damaged():
    whole = zipped(FILES)
    with pytest.raises(DataError, match="incomplete, its end is missing: download it again"):
        contents(whole[: len(whole) * 4 // 5])
    table = whole.find(b"PK\x01\x02")
    with pytest.raises(DataError, match="damaged"):
        contents(whole[:table] + b"PK\x01\x02" + bytes(50) + whole[table + 54 :])


def test_the_last_of_several_parts_says_how_to_join_them():
    archive = bytearray(zipped(FILES))
    end = archive.rfind(b"PK\x05\x06")
    archive[end + 4 : end + 8] = struct.pack("<HH", 2, 2)
    with pytest.raises(DataError, match="the last of 3 parts of a ZIP archive: join them"):
        contents(bytes(archive))


def test_a_wrong_checksum_and_a_wrong_size_are_damage():
    for field in (16, 24):  # of the table: checksum, size
        archive = bytearray(raw_zip({b"a.png": png()}))
        archive[archive.rfind(b"PK\x01\x02") + field] ^= 1
        with pytest.raises(PictureError, match="damaged"):
            open_archive(io.BytesIO(bytes(archive))).files["a.png"].read()


def test_lzma_that_promises_a_dictionary_of_gigabytes_gets_only_what_it_needs():
    archive = bytearray(zipped({"a.png": png()}, zipfile.ZIP_LZMA))
    start = 30 + len("a.png")
    assert archive[start + 2 : start + 4] == b"\5\0"  # the length of the properties
    archive[start + 5 : start + 9] = b"\xff\xff\xff\xff"
    assert contents(bytes(archive)) == {"a.png": png()}


def test_streams_one_behind_another_are_one_and_a_cut_one_is_told():
    packed = [zlib.compress(text, wbits=31) for text in (b"left", b"right")]
    joined = packed[0] + bytes(40) + packed[1] + bytes(9)
    for size in (1, 7, 1000):
        pieces = (joined[at : at + size] for at in range(0, len(joined), size))
        assert b"".join(decompressed(pieces, gzip_stream, several=True)) == b"leftright"
    with pytest.raises(EOFError):
        list(decompressed([packed[0][:-3]], gzip_stream, several=True))
