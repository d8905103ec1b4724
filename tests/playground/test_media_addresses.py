"""The address of a file on a page tells nobody what is in it, and is that of no other file."""

import hashlib

import pytest
from streamlit.runtime import memory_media_file_storage
from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from playground.server import media_addresses

LARGE = 2_000_000
OF_STREAMLIT = memory_media_file_storage._calculate_file_id


@pytest.fixture
def storage(monkeypatch):
    """Streamlit's store of files, with our addresses."""
    monkeypatch.setattr(memory_media_file_storage, "_calculate_file_id", OF_STREAMLIT)
    media_addresses.make_secret.__wrapped__()
    return MemoryMediaFileStorage("/media")


def added(storage, data, name="weights.safetensors"):
    return storage.load_and_get_id(data, "application/octet-stream", MediaFileKind.DOWNLOADABLE, name)


def test_two_large_files_that_differ_in_one_byte_are_two(storage):
    first, second = bytes(LARGE), bytearray(LARGE)
    second[LARGE // 4] = 1
    assert OF_STREAMLIT(first, "") == OF_STREAMLIT(bytes(second), ""), "what this is for"
    one, two = added(storage, first), added(storage, bytes(second))
    assert one != two
    assert storage.get_file(two).content == second


def test_an_equal_file_is_kept_once_and_another_name_or_kind_is_another_file(storage):
    assert added(storage, b"same") == added(storage, b"same")
    assert added(storage, b"same") != added(storage, b"same", "other.csv")
    assert added(storage, b"same") != storage.load_and_get_id(b"same", "image/png", MediaFileKind.MEDIA)


@pytest.mark.parametrize("size", [10, LARGE])
def test_who_has_the_file_cannot_work_out_its_address(storage, size):
    data = bytes(size)
    name = added(storage, data)
    assert name != OF_STREAMLIT(data, "application/octet-stream", "weights.safetensors")
    assert not any(hashlib.new(kind, data).hexdigest().startswith(name) for kind in ("sha224", "sha256", "blake2b"))
    media_addresses.make_secret.__wrapped__()
    assert added(storage, data) != name, "another server has another key"
