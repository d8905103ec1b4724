"""Bytes of an archive changed at random: its files, a DataError or a PictureError, and nothing else."""

import contextlib
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.datasets.reading.containers import open_archive
from core.errors import DataError, PictureError
from tests.core.datasets.containers.archives import FILES, tarred, zipped

WHOLE = {
    "zip": zipped(FILES),
    "lzma in zip": zipped(FILES, zipfile.ZIP_LZMA),
    "tar": tarred({**FILES, "n" * 200: b""}),
    "tar.gz": tarred(FILES, "w:gz"),
    "tar.bz2": tarred(FILES, "w:bz2"),
    "tar.xz": tarred(FILES, "w:xz"),
    "zip of zips": zipped({"a.zip": zipped(FILES), "b.tgz": tarred(FILES, "w:gz")}),
}


@pytest.mark.parametrize("kind", WHOLE)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_a_damaged_archive_is_read_in_part_or_refused(kind, data):
    damaged = bytearray(WHOLE[kind])
    place = st.integers(0, len(damaged) - 1)
    for at in data.draw(st.lists(place, min_size=1, max_size=6)):
        damaged[at] = data.draw(st.integers(0, 255))
    del damaged[data.draw(place | st.just(len(damaged))) :]
    with contextlib.suppress(DataError):
        for path, file in open_archive(io.BytesIO(bytes(damaged))).files.items():
            assert not {"", ".", ".."} & set(path.split("/"))
            assert len(file.head()) <= 4096
            with contextlib.suppress(PictureError):
                assert isinstance(file.read(), bytes)
