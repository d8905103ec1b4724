"""Downloads against a server on this machine that breaks off, lies, changes its mind or is slow."""

import dataclasses
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from core.datasets import REMOTE, download, is_downloaded, load
from core.datasets.remote import fetch
from core.errors import DataError
from tests.download_server import PETS, png
from tests.layout_sets import tarred


def left_over(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "downloads").iterdir() if path.suffix != ".lock"}


def test_a_set_is_fetched_once_and_then_loads_by_its_name(server, offer, tmp_path):
    name, seen = offer(), []
    with pytest.raises(DataError, match="download it first"):
        load(name, 16)
    assert not is_downloaded(name)
    place = download(name, lambda done, total: seen.append((done, total)))
    assert place.read_bytes() == PETS
    assert is_downloaded(name)
    assert seen == sorted(seen)
    assert seen[0] == (0, len(PETS))
    assert seen[-1] == (len(PETS), len(PETS))
    assert load(name, 16).class_counts == {"Cat": 30, "Dog": 30}
    download(name)
    assert server.asked == [""]
    assert left_over(tmp_path) == {"pets.zip"}


def test_a_line_that_breaks_again_and_again_is_taken_up_where_it_broke(server, offer):
    server.break_after = 200_000
    assert download(offer()).read_bytes() == PETS
    assert server.asked == [""] + [f"bytes={at}-" for at in range(200_000, len(PETS), 200_000)]


def test_without_a_stated_length_it_works_as_well(server, offer):
    server.honest_length, server.break_after = False, 300_000
    assert download(offer()).read_bytes() == PETS


def test_a_server_without_ranges_starts_anew_and_nothing_is_doubled(server, offer):
    server.break_after = 200_000
    calls = 0

    def mend(done: int, total: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 6:
            server.break_after, server.ranges = None, False

    assert download(offer(), mend).read_bytes() == PETS


def test_a_file_that_changed_meanwhile_is_not_glued_to_the_old_half(server, offer):
    server.slow = 0.01
    name = offer(content=bytes(len(PETS)), checksum="")
    with pytest.raises(InterruptedError):
        download(name, stop_after(200_000))
    server.content, server.tag, server.slow = PETS, '"second"', 0.0
    assert download(name).read_bytes() == PETS


def stop_after(count: int) -> Callable[[int, int], None]:
    def stop(done: int, total: int) -> None:
        if done >= count:
            raise InterruptedError

    return stop


def test_a_slow_download_can_be_cancelled_and_goes_on_later(server, offer, tmp_path):
    server.slow, name = 0.02, offer()
    with pytest.raises(InterruptedError):
        download(name, stop_after(150_000))
    assert not is_downloaded(name)
    kept = (tmp_path / "downloads" / "pets.part").stat().st_size
    assert 150_000 <= kept < len(PETS)
    server.slow = 0.0
    assert download(name).read_bytes() == PETS
    assert server.asked[-1] == f"bytes={kept}-"


def test_a_wrong_checksum_is_discarded(server, offer, tmp_path):
    with pytest.raises(DataError, match=r"instead of 00.*discarded"):
        download(offer(checksum="md5:" + "00" * 16))
    assert not is_downloaded("pets")
    assert "pets.part" not in left_over(tmp_path)


@pytest.mark.parametrize("honest", [True, False])
@pytest.mark.parametrize("more", [-1000, 1000])
def test_another_size_than_published_is_refused(server, offer, more, honest):
    server.honest_length = honest
    with pytest.raises(DataError, match=r"the dataset has changed|cannot be reached"):
        download(offer(checksum="", size_bytes=len(PETS) + more))
    assert not is_downloaded("pets")


@pytest.mark.parametrize(("status", "message"), [(404, "responded 404"), (503, "cannot be reached")])
def test_a_server_that_fails_is_named(server, offer, status, message):
    server.status = status
    with pytest.raises(DataError, match=message):
        download(offer())
    assert len(server.asked) == (1 if status == 404 else fetch.TRIES)


def test_no_server_at_all(offer):
    with pytest.raises(DataError, match="check the connection"):
        download(offer(url="http://127.0.0.1:9/pets.zip"))


def test_a_full_disk_is_said_beforehand(server, offer, monkeypatch):
    monkeypatch.setattr(fetch, "ROOM", 10**18)
    with pytest.raises(DataError, match="MB are free"):
        download(offer())
    assert not server.asked


def test_many_users_at_once_cost_one_download_and_all_see_its_progress(server, offer):
    server.slow, name = 5.0, offer()
    reports: list[list[int]] = [[], [], []]
    users = [
        threading.Thread(target=download, args=(name, lambda done, total, mine=mine: mine.append(done)))
        for mine in reports
    ]
    for user in users:
        user.start()
    give_up = time.monotonic() + 240
    while min(map(len, reports)) < 2:
        assert time.monotonic() < give_up
        time.sleep(0.01)
    server.slow = 0.0
    for user in users:
        user.join(timeout=240)
    assert server.asked == [""]
    for mine in reports:
        assert len(mine) >= 3
        assert mine[-1] == len(PETS)
    assert is_downloaded(name)


def test_oxford_s_breeds_become_cats_and_dogs(offer, tmp_path):
    files = {f"images/{breed}_{n}.jpg": png(n) for n in range(3) for breed in ("Bombay", "beagle", "Maine_Coon")}
    name = offer(
        tarred({**files, "images/Abyssinian_100.mat": b"x", "images/._hidden.jpg": b"x", "images/empty.jpg": b""})
    )
    REMOTE[name] = dataclasses.replace(REMOTE[name], repack=REMOTE["oxford_pets"].repack)
    download(name)
    pictures = load(name, 16)
    assert pictures.class_counts == {"cat": 6, "dog": 3}
    assert left_over(tmp_path) == {"pets.zip"}


def test_cifar_s_cats_and_dogs_keep_every_pixel(offer):
    rng = np.random.default_rng(0)
    records = rng.integers(0, 255, (40, 3073), dtype=np.uint8)
    records[:, 0] = np.arange(40) % 10
    files = {"cifar-10-batches-bin/data_batch_1.bin": records.tobytes(), "cifar-10-batches-bin/readme.html": b"x"}
    name = offer(tarred(files))
    REMOTE[name] = dataclasses.replace(REMOTE[name], repack=REMOTE["cifar10_pets"].repack)
    download(name)
    pictures = load(name, 32)
    assert pictures.class_counts == {"cat": 4, "dog": 4}
    wanted = torch.from_numpy(records[[3, 13, 23, 33, 5, 15, 25, 35], 1:].reshape(-1, 3, 32, 32))
    assert torch.equal(pictures.images, wanted)


def test_an_archive_that_is_not_what_it_should_be_leaves_no_half_set(offer, tmp_path):
    name = offer(b"no tar at all" * 100)
    REMOTE[name] = dataclasses.replace(REMOTE[name], repack=REMOTE["oxford_pets"].repack)
    with pytest.raises(DataError, match="unpacked"):
        download(name)
    assert not is_downloaded(name)


def test_a_machine_that_lets_us_write_nowhere(offer, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path / "file"))
    assert not is_downloaded(offer())
    with pytest.raises(DataError, match="CNN_PLAYGROUND_CACHE"):
        download("pets")


@pytest.mark.parametrize("name", REMOTE)
def test_every_entry_says_what_it_costs_and_whose_it_is(name):
    entry = REMOTE[name]
    assert entry.url.startswith("https://")
    assert entry.source.startswith("https://")
    assert entry.size_bytes > 10_000_000
    assert entry.licence
    assert len(entry.classes) == 2
    assert entry.checksum == "" or (entry.checksum.startswith("md5:") and len(entry.checksum) == 36)
    assert entry.url.endswith(".zip") == (entry.repack is None)
