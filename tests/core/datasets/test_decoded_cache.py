"""Decoded sets on disk: the second start decodes nothing, changed files are noticed, and processes do not collide."""

import io
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from core.datasets import load
from core.datasets.reading import decoded_cache, disk_space
from core.errors import DataError


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "decoded"


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for kind in ("cat", "dog"):
        (tmp_path / "pets" / kind).mkdir(parents=True)
        for number in range(5):
            noise = rng.integers(0, 255, (20, 30, 3), dtype=np.uint8)
            Image.fromarray(noise).save(tmp_path / "pets" / kind / f"{number}.png")
    (tmp_path / "pets" / "cat" / "empty.jpg").touch()
    return tmp_path / "pets"


def zipped(folder) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(folder.rglob("*.*")):
            archive.writestr(str(path.relative_to(folder)), path.read_bytes())
    return buffer.getvalue()


def forbid_decoding(monkeypatch) -> None:
    def fail(*_):
        raise AssertionError("decoded again")

    monkeypatch.setattr("core.datasets.reading.decoding.decode_square", fail)


def test_a_kept_set_is_the_decoded_one_and_the_second_start_decodes_nothing(folder, monkeypatch):
    plain, first = load(folder, 16), load(folder, 16, cache=True)
    forbid_decoding(monkeypatch)
    second = load(folder, 16, cache=True)
    for pictures in (first, second):
        for name in ("images", "labels", "groups", "originals", "jfif"):
            assert torch.equal(getattr(pictures, name), getattr(plain, name)), name
        assert (pictures.name, pictures.classes, pictures.paths) == (plain.name, plain.classes, plain.paths)
        assert pictures.refused == plain.refused
        assert pictures.ignored == plain.ignored


def test_the_same_files_in_another_archive_are_the_same_content(folder, monkeypatch, tmp_path):
    load(zipped(folder), 16, cache=True)
    (tmp_path / "renamed.zip").write_bytes(zipped(folder))
    forbid_decoding(monkeypatch)
    assert load(tmp_path / "renamed.zip", 16, cache=True).name == "renamed"


@pytest.mark.parametrize("change", ["size", "limit", "content"])
def test_other_pictures_are_another_set(folder, change, cache):
    before = load(folder, 16, cache=True).images.clone()
    if change == "content":
        Image.new("RGB", (9, 9), "red").save(folder / "cat" / "0.png")
    arguments = {"size": {"size": 8}, "limit": {"size": 16, "limit": 4}, "content": {"size": 16}}[change]
    after = load(folder, cache=True, **arguments).images
    assert after.shape != before.shape or not torch.equal(after, before)
    assert len([path for path in cache.iterdir() if path.is_dir()]) == 2


def test_what_one_changes_in_its_pictures_nobody_else_sees(folder):
    mine = load(folder, 16, cache=True)
    untouched = mine.images.clone()
    mine.images.zero_()
    assert torch.equal(load(folder, 16, cache=True).images, untouched)


def test_a_cancelled_start_leaves_nothing_behind(folder, cache):
    def cancel(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        load(folder, 16, cache=True, progress=cancel)
    assert not [path for path in cache.iterdir() if path.is_dir()]


def test_a_set_that_is_none_is_not_kept(tmp_path, cache):
    for kind in ("a", "b"):
        (tmp_path / "bad" / kind).mkdir(parents=True)
        (tmp_path / "bad" / kind / "1.png").touch()
    with pytest.raises(DataError):
        load(tmp_path / "bad", 16, cache=True)
    assert not [path for path in cache.iterdir() if path.is_dir()]


def test_several_processes_at_once_get_the_same_set(folder, cache):
    code = "import sys; from core.datasets import load; print(int(load(sys.argv[1], 16, cache=True).images.sum()))"
    command = [sys.executable, "-c", code, str(folder)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) for _ in range(2)]
    totals = {run.communicate(timeout=600)[0].strip() for run in runs}
    assert totals == {str(int(load(folder, 16).images.sum()))}
    assert len([path for path in cache.iterdir() if path.is_dir()]) == 1


def test_the_longest_unused_sets_go_when_there_are_too_many(folder, cache, monkeypatch):
    names = []
    for age, size in enumerate((8, 9, 10)):
        load(folder, size, cache=True)
        (new,) = {path for path in cache.iterdir() if path.is_dir()} - set(names)
        os.utime(new, (age, age))
        names.append(new)
    load(folder, 8, cache=True)  # used again, so no longer the oldest
    monkeypatch.setattr(decoded_cache, "CACHE_CAP", sum(f.stat().st_size for name in names for f in name.iterdir()))
    load(folder, 11, cache=True)
    assert names[0].exists()
    assert not names[1].exists()


def test_without_room_or_a_writable_folder_the_set_is_simply_not_kept(folder, cache, monkeypatch, tmp_path):
    monkeypatch.setattr(disk_space, "ROOM", 10**18)
    assert len(load(folder, 16, cache=True)) == 10
    assert not list(cache.glob("*/images.u8"))
    (tmp_path / "file").touch()
    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path / "file"))
    assert len(load(folder, 16, cache=True)) == 10
