"""Tar archives of every dialect and compression give the files that Python's own reader gives."""

import gzip
import io
import lzma
import tarfile

import pytest

from core.datasets.reading.containers import archive as archives
from core.datasets.reading.containers import limits, open_archive
from core.errors import DataError
from tests.core.datasets.containers.archives import FILES, contents, png, tarred, zipped

LONG = {f"{'deep/' * 30}cat/{'n' * 120}.png": png(7), "猫/1.png": png(8), **FILES}


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
@pytest.mark.parametrize("dialect", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT], ids=str)
def test_every_dialect_and_compression_is_read_from_bytes_and_from_a_path(mode, dialect, tmp_path):
    files = FILES if dialect == tarfile.USTAR_FORMAT else LONG
    data = tarred(files, mode, format=dialect)
    assert contents(data) == files
    path = tmp_path / "pets.zip"  # the name does not matter
    path.write_bytes(data)
    for _ in range(2):  # the second time from what was unpacked
        opened = open_archive(path, "pets")
        assert {name: file.read() for name, file in opened.files.items()} == files


def test_a_path_that_changes_is_read_again(tmp_path):
    path = tmp_path / "pets.tgz"
    for files in (FILES, {"a/1.png": png(5)}):
        path.write_bytes(tarred(files, "w:gz"))
        assert set(open_archive(path).files) == set(files)


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize("folder", ["狗", "deep/" * 30 + "dog"])
def test_a_hard_link_is_the_file_that_it_repeats(mode, folder):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as out:
        for name, target in {f"{folder}/1.png": "", "b/2.png": f"{folder}/1.png", "b/3.png": "b/2.png"}.items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = (tarfile.LNKTYPE, target) if target else (tarfile.REGTYPE, "")
            member.size = 0 if target else len(png())
            out.addfile(member, io.BytesIO(png()))
    assert contents(buffer.getvalue()) == dict.fromkeys((f"{folder}/1.png", "b/2.png", "b/3.png"), png())


def test_links_devices_sparse_files_and_ways_out_are_left_out():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as out:
        for name, kind in {"a/link": b"2", "a/hard": b"1", "a/pipe": b"6", "a/device": b"3", "a": b"5"}.items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            out.addfile(member)
        for name in ("../out.png", "/rooted/1.png", "a/1.png"):
            member = tarfile.TarInfo(name)
            member.size = len(png())
            out.addfile(member, io.BytesIO(png()))
    opened = open_archive(io.BytesIO(buffer.getvalue()))
    assert set(opened.files) == {"rooted/1.png", "a/1.png"}
    assert opened.files["a/1.png"].read() == png()
    assert opened.folders == ("a",)
    assert opened.left_out == {
        "a/link": "a link",
        "a/hard": "a link",
        "a/pipe": "a special file of the archive",
        "a/device": "a special file of the archive",
        "../out.png": "a path out of the archive",
    }


def test_names_in_another_encoding_are_decoded():
    assert open_archive(io.BytesIO(tarred(FILES, format=tarfile.GNU_FORMAT))).notes == ()
    files = {f"{kind}/1.png": png() for kind in ("собака", "кошка")}
    opened = open_archive(io.BytesIO(tarred(files, format=tarfile.GNU_FORMAT, encoding="cp1251")))
    assert set(opened.files) == {"собака/1.png", "кошка/1.png"}
    assert "Windows-1251" in opened.notes[0]


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_cut_tar_is_told_as_incomplete(mode):
    data = tarred(FILES, mode)
    with pytest.raises(DataError, match=r"incomplete|damaged"):
        contents(data[: len(data) // 3])


def test_a_checksum_of_signed_bytes_is_one_too():
    data = bytearray(tarred({"caf\u00e9.png": png()}, format=tarfile.GNU_FORMAT, encoding="latin-1"))
    data[148:156] = b"        "
    signed = sum(byte - 256 * (byte > 127) for byte in data[:512])
    data[148:156] = f"{signed:06o}\0 ".encode()
    assert contents(bytes(data)) == {"café.png": png()}


def test_a_size_below_zero_is_damage():
    data = bytearray(tarred(FILES))
    data[1024 + 124 : 1024 + 136] = b"-0000000010\0"
    data[1024 + 148 : 1024 + 156] = b"        "
    data[1024 + 148 : 1024 + 156] = f"{sum(data[1024:1536]):06o}\0 ".encode()
    with pytest.raises(DataError, match="tar archive is damaged"):
        contents(bytes(data))


def test_a_damaged_header_and_a_compressed_file_that_is_no_tar_are_told():
    data = bytearray(tarred(FILES))
    data[1024 + 3] ^= 1  # a letter of the second name
    with pytest.raises(DataError, match="tar archive is damaged"):
        contents(bytes(data))
    with pytest.raises(DataError, match="gzip file that is no tar archive"):
        contents(gzip.compress(bytes(2000)))
    with pytest.raises(DataError, match="xz file with a PNG image inside"):
        contents(lzma.compress(png()))


def test_a_tar_that_bursts_is_refused_before_it_does():
    for mode in ("w:gz", "w:bz2", "w:xz"):
        with pytest.raises(DataError, match="times its size"):
            contents(tarred({**FILES, "cat/bomb.png": bytes(60_000_000)}, mode))


def test_caps_on_files_and_on_the_length_of_their_names(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(limits, "ENTRY_CAP", 5)
        with pytest.raises(DataError, match="6 files and the limit is 5"):
            contents(tarred(FILES))
    monkeypatch.setattr(limits, "DIRECTORY_CAP", 100)
    with pytest.raises(DataError, match="too many files"):
        contents(tarred({"n" * 300: b""}, "w:gz", format=tarfile.GNU_FORMAT))


def test_a_full_disk_is_told(monkeypatch):
    monkeypatch.setattr("core.datasets.reading.disk_space.ROOM", 1 << 60)
    with pytest.raises(DataError, match="not enough room on the disk"):
        contents(tarred(FILES, "w:gz"))
    assert contents(tarred(FILES)) == FILES  # not unpacked
    assert contents(zipped(FILES)) == FILES


def test_a_dictionary_beyond_the_memory_allowed_is_told():
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 200_000_000}]
    with pytest.raises(DataError, match="more memory to unpack than is allowed"):
        contents(lzma.compress(tarred(FILES), filters=filters))


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"7z\xbc\xaf\x27\x1c\0\4" + bytes(99), "a 7z archive, which is not read here"),
        (b"Rar!\x1a\x07\x01\0" + bytes(99), "a RAR archive, which is not read here"),
        (b"\x28\xb5\x2f\xfd" + bytes(99), "Zstandard"),
        (b"<!DOCTYPE html><html>Sign in</html>", "a web page and not a ZIP or tar archive"),
        (png(), "a PNG image and not a ZIP or tar archive"),
        (b"%PDF-1.7", "a PDF document"),
        (b"image,label\n1.png,cat\n", "not a ZIP or tar archive"),
        (b"", r"empty \(0 bytes\)"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_what_is_no_archive_is_called_what_it_is(data, what):
    with pytest.raises(DataError, match=what) as caught:
        contents(data)
    assert ": " in str(caught.value)  # what is wrong, then the way out


def test_an_archive_that_cannot_be_opened_is_told(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        open_archive(tmp_path)
    assert not archives._LAST or all(isinstance(key[0], str) for key in archives._LAST)
