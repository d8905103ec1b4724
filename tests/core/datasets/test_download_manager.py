"""Several people and one download: it begins once, goes on while somebody waits, and its failures are heard."""

import dataclasses
import threading
import time

import numpy as np
import pytest

from core.datasets import REMOTE, DownloadManager, downloaded_bytes, is_downloaded, load
from core.datasets.remote import fetch
from tests.core.datasets.test_download import tarred
from tests.download_server import PETS, png

PATIENCE = 240  # seconds
RECORDS = np.random.default_rng(0).integers(0, 255, (40, 3073), dtype=np.uint8)
RECORDS[:, 0] = np.arange(40) % 10
ARCHIVES = {
    "oxford_pets": tarred({f"images/{breed}_{n}.jpg": png(n) for n in range(3) for breed in ("Bombay", "beagle")}),
    "cifar10_pets": tarred({"cifar-10-batches-bin/data_batch_1.bin": RECORDS.tobytes()}),
}


def until(true) -> None:
    give_up = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_two_people_share_one_download_and_it_ends_when_the_last_one_leaves(server, offer):
    server.slow, name, downloads = 5.0, offer(), DownloadManager()
    downloads.join(name, "ann")
    downloads.join(name, "bob")
    until(lambda: 0 < downloads.state_of(name).done < len(PETS))
    assert downloads.state_of(name).people == 2
    assert server.asked == [""]
    downloads.leave(name, "ann")
    assert not downloads.is_wanted_by(name, "ann")
    assert downloads.is_wanted_by(name, "bob")
    before = downloads.state_of(name).done
    server.slow = 0.5
    until(lambda: downloads.state_of(name).done > before)
    downloads.leave(name, "bob")
    until(lambda: downloads.state_of(name) is None)
    assert 0 < (kept := downloaded_bytes(name)) < len(PETS)
    server.slow = 0.0
    downloads.join(name, "carol")
    until(lambda: downloads.state_of(name) is None)
    assert is_downloaded(name)
    assert server.asked == ["", f"bytes={kept}-"]
    downloads.join(name, "carol")  # nothing left to do
    assert downloads.state_of(name) is None


def test_whoever_comes_back_in_the_moment_of_leaving_is_not_forgotten(server, offer):
    server.slow, name, downloads = 0.5, offer(), DownloadManager()
    for _ in range(5):
        downloads.join(name, "ann")
        until(lambda: downloads.state_of(name).done > 0)
        downloads.leave(name, "ann")
    downloads.join(name, "ann")
    server.slow = 0.0
    until(lambda: is_downloaded(name))


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({}, 404, "responded 404"),
        ({"checksum": "md5:" + "00" * 16}, 200, "discarded"),
        ({"size_bytes": len(PETS) - 5}, 200, "the dataset has changed"),
    ],
)
def test_a_failure_is_one_sentence_and_can_be_tried_again(server, offer, changes, status, sentence):
    server.status, downloads = status, DownloadManager()
    name = offer(**changes)
    downloads.join(name, "ann")
    until(lambda: not downloads.state_of(name).is_running)
    assert sentence in downloads.state_of(name).error
    offer()
    server.status = 200
    downloads.join(name, "ann")
    until(lambda: downloads.state_of(name) is None)
    assert is_downloaded(name)


def test_what_nobody_foresaw_is_a_sentence_too(server, offer, monkeypatch):
    def full(*_) -> None:
        raise OSError(28, "No space left on device")

    downloads, name = DownloadManager(), offer()
    monkeypatch.setattr(fetch, "_fetch_some", full)
    downloads.join(name, "ann")
    until(lambda: not downloads.state_of(name).is_running)
    assert downloads.state_of(name).error.startswith("The disk is full")
    monkeypatch.setattr(fetch, "_put_in_place", full)
    monkeypatch.setattr(fetch, "_fetch", lambda *_: (_ for _ in ()).throw(RuntimeError("lightning")))
    downloads.join(name, "ann")
    until(lambda: not downloads.state_of(name).is_running)
    assert "lightning" in downloads.state_of(name).error


def test_while_an_archive_is_sorted_into_classes_the_standing_says_so(server, offer, monkeypatch):
    sorting, seen = threading.Event(), threading.Event()

    def slow(archive, target, going) -> None:
        sorting.set()
        assert seen.wait(PATIENCE)
        target.write_bytes(PETS)

    downloads, name = DownloadManager(), offer()
    monkeypatch.setitem(REMOTE, name, dataclasses.replace(REMOTE[name], repack=slow))
    downloads.join(name, "ann")
    assert sorting.wait(PATIENCE)
    assert downloads.state_of(name).is_unpacking
    seen.set()
    until(lambda: downloads.state_of(name) is None)
    assert len(load(name, 16)) == 60


@pytest.mark.parametrize("kind", ["oxford_pets", "cifar10_pets"])
def test_sorting_into_classes_is_given_up_when_nobody_waits_and_begins_anew(offer, server, kind, tmp_path):
    """The archive is cut off in the middle of sorting, however far that is; nothing is fetched a second time."""
    name, downloads, sorting = offer(ARCHIVES[kind]), DownloadManager(), threading.Event()
    repack, left = REMOTE[kind].repack, threading.Event()

    def watched(archive, target, going) -> None:
        def noticed() -> None:
            sorting.set()
            assert left.wait(PATIENCE)
            going()

        repack(archive, target, noticed)

    REMOTE[name] = dataclasses.replace(REMOTE[name], repack=watched)
    downloads.join(name, "ann")
    assert sorting.wait(PATIENCE)
    assert downloads.state_of(name).is_unpacking
    downloads.leave(name, "ann")
    left.set()
    until(lambda: downloads.state_of(name) is None)
    assert not is_downloaded(name)
    assert not (tmp_path / "downloads" / "pets.half").exists()
    assert downloaded_bytes(name) == REMOTE[name].size_bytes
    downloads.join(name, "bob")
    until(lambda: downloads.state_of(name) is None)
    assert set(load(name, 32).class_counts) == {"cat", "dog"}
    assert len(server.asked) == 1


def test_a_checksum_is_given_up_when_nobody_waits(offer, monkeypatch):
    """It takes seconds for the larger sets."""
    name, asked = offer(), []

    def progress(done: int, total: int) -> None:
        asked.append(done)
        if asked.count(total) > 1:
            raise InterruptedError

    monkeypatch.setattr(fetch, "_put_in_place", lambda *_: pytest.fail("it was not given up"))
    with pytest.raises(InterruptedError):
        fetch.download(name, progress)
    assert downloaded_bytes(name) == len(PETS)
