"""Images that do not fit into memory are mapped from the disk; only where that is full they are read smaller."""

import errno
import io
import os
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from core.datasets import load
from core.datasets import memory as set_memory
from core.datasets.reading import disk_space, pixel_storage
from core.errors import DataError

COUNT, SIZE = 12, 24
NEEDED = COUNT * 3 * SIZE * SIZE


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "decoded"


@pytest.fixture(scope="module")
def archive() -> bytes:
    buffer, rng = io.BytesIO(), np.random.default_rng(0)
    with zipfile.ZipFile(buffer, "w") as file:
        for number in range(COUNT):
            picture = io.BytesIO()
            Image.fromarray(rng.integers(0, 255, (30, 30, 3), dtype=np.uint8)).save(picture, "PNG")
            file.writestr(f"{'ab'[number % 2]}/{number}.png", picture.getvalue())
    return buffer.getvalue()


def memory_for(monkeypatch, size: int) -> None:
    """A machine whose memory holds the images at that size and no larger."""
    monkeypatch.setattr(set_memory, "MEMORY_SHARE", 1.0)
    monkeypatch.setattr(pixel_storage, "MEMORY_SHARE", 1.0)
    for module in (set_memory, pixel_storage):
        monkeypatch.setattr(module, "main_memory_bytes", lambda: COUNT * 3 * size * size)


@pytest.mark.parametrize("keep", [False, True])
def test_what_is_larger_than_memory_is_the_same_from_the_disk(archive, keep, cache, monkeypatch):
    plain = load(archive, SIZE)
    memory_for(monkeypatch, SIZE - 1)
    data = load(archive, SIZE, cache=keep)
    assert torch.equal(data.images, plain.images)
    assert data.notes == plain.notes
    assert not list(cache.glob("pixels-*"))  # without a name, it goes with its last user


def test_where_the_cache_cannot_be_written_another_folder_serves(archive, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(pixel_storage, "_is_memory", lambda folder: False)
    monkeypatch.setattr(pixel_storage.tempfile, "gettempdir", lambda: str(tmp_path))
    memory_for(monkeypatch, SIZE - 1)
    assert load(archive, SIZE, cache=True).size == SIZE


@pytest.mark.parametrize("keep", [False, True])
def test_without_memory_or_disk_the_images_are_read_smaller_and_that_is_said(archive, keep, monkeypatch):
    memory_for(monkeypatch, 10)
    monkeypatch.setattr(disk_space, "ROOM", 10**18)
    data = load(archive, SIZE, cache=keep)
    assert torch.equal(data.images, load(archive, 10).images)
    assert data.notes[0].startswith("Images are read at 10×10 instead of 24×24: 12 of 24×24 take")


def test_with_no_room_at_all_one_is_told(archive, monkeypatch):
    memory_for(monkeypatch, 7)
    monkeypatch.setattr(disk_space, "ROOM", 10**18)
    with pytest.raises(DataError, match="use fewer images"):
        load(archive, SIZE)


def test_a_disk_that_fills_up_meanwhile_is_noticed_before_anything_is_written(archive, cache, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(disk_space.os, "posix_fallocate", full, raising=False)
    assert len(load(archive, SIZE, cache=True)) == COUNT
    assert not [path for path in cache.iterdir() if path.is_dir()]


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="the system cannot take disk space in advance")
def test_reserved_space_is_taken(tmp_path):
    disk_space.reserve(tmp_path / "pixels", 1_000_000)
    about = (tmp_path / "pixels").stat()
    assert about.st_size == 1_000_000
    assert about.st_blocks * 512 >= 1_000_000


def test_a_folder_in_memory_is_recognised(monkeypatch, tmp_path):
    class Disk:
        mountpoint, fstype = str(tmp_path), "tmpfs"

    monkeypatch.setattr(pixel_storage.psutil, "disk_partitions", lambda all: [Disk])
    assert pixel_storage._is_memory(tmp_path)
    assert not pixel_storage._is_memory(tmp_path.parent)
