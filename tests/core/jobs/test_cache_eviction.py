"""Decoded pictures stay within a limit, and no run loses its own."""

import os
import time
from pathlib import Path

import pytest

from core.datasets import load
from core.datasets.cachedir import exclusively
from core.jobs import job_manager
from core.jobs.job_manager import JobManager
from core.jobs.job_spec import JobSpec, Source
from core.jobs.storage import cache_eviction
from core.jobs.storage.cache_eviction import evict
from core.jobs.storage.decoded_images import PIXELS, open_decoded, save_decoded
from tests.core.jobs.quick_runs import QUICK

EACH = 1_000


@pytest.fixture
def folder(tmp_path):
    """Five sets of the same size, a the longest unused."""
    for place, name in enumerate("abcde"):
        put(tmp_path / f"{name}.pt", 1_000_000 + place)
    return tmp_path


def put(path: Path, used: float) -> Path:
    path.write_bytes(bytes(100))
    path.with_suffix(PIXELS).write_bytes(bytes(EACH - 100))
    os.utime(path, (used, used))
    return path


def names(folder):
    """Of the sets that are there whole."""
    return "".join(sorted(path.stem for path in folder.glob("*.pt") if path.with_suffix(PIXELS).exists()))


def test_what_fits_stays_and_nobody_is_asked(folder):
    evict(folder, lambda: pytest.fail("asked"), 5 * EACH)
    assert names(folder) == "abcde"


def test_the_longest_unused_go_first_and_nothing_of_them_stays(folder):
    evict(folder, set, 3 * EACH)
    assert names(folder) == "cde"
    assert {path.name[0] for path in folder.iterdir() if path.suffix != ".lock"} == set("cde")


def test_looking_at_a_set_is_using_it(tmp_path):
    pictures = load("sketches", 8, limit=10)
    for name in "ab":
        save_decoded(pictures, tmp_path / f"{name}.pt")
        os.utime(tmp_path / f"{name}.pt", (1e6, 1e6 + (name == "b")))
    open_decoded(tmp_path / "a.pt")
    evict(tmp_path, set, sum(path.stat().st_size for path in tmp_path.iterdir()) - 1)
    assert names(tmp_path) == "a"


def test_what_a_run_needs_stays_even_if_that_is_too_much(folder):
    evict(folder, lambda: {folder / "a.pt", folder / "c.pt"}, EACH)
    assert names(folder) == "ac"


def test_a_set_that_somebody_writes_is_left_alone_and_old_halves_go(folder):
    (old := folder / "x.123.half").touch()
    os.utime(old, (1e6, 1e6))
    (new := folder / "y.123.half").touch()
    with exclusively(folder / "a.pt", lambda: None):
        evict(folder, set, 2 * EACH)
    assert names(folder) == "ae"
    assert new.exists()
    assert not old.exists()


def test_a_server_keeps_the_images_of_unfinished_runs_and_of_people_who_were_here_lately(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_eviction, "CAP_BYTES", 0)
    here, long_ago = time.time(), time.time() - (job_manager.KEPT_DAYS + 1) * 86_400
    manager = JobManager(tmp_path)
    try:
        folder = manager.store.decoded
        for name, since, waits in (("waiting", long_ago, True), ("lately", here, False), ("gone", long_ago, False)):
            what = (name, f"owner-{name}", Source("Sketches", "sketches"), 16, QUICK, str(folder / f"{name}.pt"), since)
            manager.store.new_folder(f"owner-{name}", name).create(JobSpec(*what, manager._leases.name))
            if waits:
                manager.store.enqueue("cpu", f"owner-{name}", name)
            put(folder / f"{name}.pt", 1e6)
        put(folder / "nobodys.pt", 2e6)
        manager.evict_decoded()
        assert {path.stem for path in folder.glob("*.pt")} == {"waiting", "lately"}
    finally:
        manager.close()
