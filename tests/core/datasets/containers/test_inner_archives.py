"""Archives inside an archive or a folder are opened one level deep, under the same limits."""

import io
import zipfile

import pytest

from core.datasets.reading.containers import limits, open_archive, open_folder
from core.errors import DataError
from tests.core.datasets.containers.archives import FILES, png, tarred, zipped

FLAT = {f"train/{kind}.{n}.png": png(n) for kind in ("cat", "dog") for n in range(2)}
KAGGLE = {
    "train.zip": zipped(FLAT),
    "test1.zip": zipped({"test1/1.png": png(9)}),
    "sample.csv": b"id,label\n",
}
EXPECTED = {f"train/{name}": data for name, data in FLAT.items()} | {
    "test1/test1/1.png": png(9),
    "sample.csv": b"id,label\n",
}


def read(opened) -> dict[str, bytes]:
    return {path: file.read() for path, file in opened.files.items()}


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=str)
def test_a_zip_of_zips_is_opened_and_the_inner_names_become_folders(compression):
    opened = open_archive(io.BytesIO(zipped(KAGGLE, compression)))
    assert read(opened) == EXPECTED
    assert {"train", "test1"} <= set(opened.folders)


def test_so_are_other_kinds_in_other_kinds_and_those_in_a_folder(tmp_path):
    mixed = {"a/train.tar.gz": tarred(FLAT, "w:gz"), "__MACOSX/._train.zip": b"\0\5\x16\7"}
    assert {path for path in read(open_archive(io.BytesIO(tarred(mixed)))) if path.startswith("a/")} == {
        f"a/train/{name}" for name in FLAT
    }
    for name, data in KAGGLE.items():
        (tmp_path / name).write_bytes(data)
    assert read(open_folder(tmp_path)) == EXPECTED


def test_an_archive_beside_images_is_left_out():
    opened = open_archive(io.BytesIO(zipped({**FILES, "backup.zip": zipped(FILES)})))
    assert read(opened) == FILES
    assert opened.left_out == {"backup.zip": "an archive beside the images"}


def test_only_one_level_is_opened():
    opened = open_archive(io.BytesIO(zipped({"outer.zip": zipped({"inner.zip": zipped(FILES), "a/1.png": png()})})))
    assert read(opened) == {"outer/a/1.png": png()}
    assert opened.left_out == {"outer/inner.zip": "an archive inside an archive inside the archive"}


def test_one_that_cannot_be_read_is_told_and_all_such_are_refused():
    broken = {"b.zip": zipped(FILES)[:200], "c.7z": b"7z\xbc\xaf\x27\x1c\0\4"}
    opened = open_archive(io.BytesIO(zipped({"a.zip": zipped(FILES), **broken})))
    assert set(opened.files) == {f"a/{name}" for name in FILES}
    assert set(opened.left_out) == set(broken)
    assert opened.notes[0].startswith("b.zip: This ZIP archive is incomplete")
    assert opened.notes[1].startswith("c.7z: This is a 7z archive")
    with pytest.raises(DataError, match=r"^b\.zip: This ZIP archive is incomplete"):
        open_archive(io.BytesIO(zipped(broken)))


def test_many_that_cannot_be_read_are_summed_up():
    broken = {f"{n}.gz": b"\x1f\x8b" + bytes(9) for n in range(9)}
    opened = open_archive(io.BytesIO(zipped({"good.zip": zipped(FILES), **broken})))
    assert len(opened.notes) == 4
    assert opened.notes[-1].startswith("6 more archives")


def test_limits_hold_for_all_together(monkeypatch):
    archive = zipped({f"{n}.zip": zipped(FILES) for n in range(3)})
    monkeypatch.setattr(limits, "ENTRY_CAP", 14)
    with pytest.raises(DataError, match="the limit is 14"):
        open_archive(io.BytesIO(zipped({f"{n}.zip": zipped(FILES) for n in range(3)})))
    monkeypatch.setattr(limits, "ENTRY_CAP", 99)
    monkeypatch.setattr(limits, "UNPACKED_CAP", 2 * len(archive))
    with pytest.raises(DataError, match="unpacks to"):
        open_archive(io.BytesIO(archive))
