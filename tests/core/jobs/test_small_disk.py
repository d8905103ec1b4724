"""A small file system that fills up under a server with real training processes, and is emptied again."""

import os
import shutil
import signal
import subprocess
import time

import pytest

from core.errors import StorageError
from core.jobs.run_state import ENDED, FAILED
from core.training import load_trained
from tests.core.jobs.quick_runs import LONG, PATIENCE, QUICK, SIZE, SKETCHES, ended, opened, until

pytestmark = pytest.mark.soak


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a file system of 40 MB of its own."""
    if shutil.which("mount") is None or os.name == "nt":
        pytest.skip("needs mount")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(tmp_path)], check=False)
    if mounted.returncode:
        pytest.skip("needs the right to mount a file system")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


@pytest.fixture
def manager(small_disk):
    with opened(small_disk / "training") as manager:
        yield manager


def fill(path):
    """Take all that is left of a disk."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def test_a_disk_that_fills_up_under_a_run_costs_that_run_alone(manager, small_disk, caplog):
    run_id = manager.start("ann", SKETCHES, SIZE, LONG)
    until(manager, "ann", run_id, lambda view: len(view.epochs) > 2)
    fill(small_disk / "filler")
    view = until(manager, "ann", run_id, ended)
    assert (view.state, "disk is full" in view.error) == (FAILED, True)
    assert load_trained(manager.checkpoint("ann", run_id)).step > 0, "the last whole checkpoint is there"
    for _ in range(10):
        with pytest.raises(StorageError, match="disk is full"):
            manager.start("bob", SKETCHES, SIZE, QUICK)
    assert list((manager.store.runs / "bob").glob("*")) == []
    (small_disk / "filler").unlink()
    assert until(manager, "bob", manager.start("bob", SKETCHES, SIZE, QUICK), ended).state == ENDED
    assert [record for record in caplog.records if record.exc_info] == []


def test_a_cache_folder_that_is_removed_in_mid_run_comes_back(manager, caplog):
    run_id = manager.start("cy", SKETCHES, SIZE, LONG)
    until(manager, "cy", run_id, lambda view: view.epochs)
    shutil.rmtree(manager.store.root)
    assert manager.watch("cy", run_id) is None
    again = manager.start("cy", SKETCHES, SIZE, QUICK)
    assert until(manager, "cy", again, ended).state == ENDED
    assert [path.name for path in (manager.store.runs / "cy").iterdir() if path.is_dir()] == [again]
    assert [record for record in caplog.records if record.exc_info] == []


def test_a_worker_that_is_killed_at_every_start_ends_its_run_with_a_sentence_and_the_next_is_fine(manager):
    run_id = manager.start("dan", SKETCHES, SIZE, LONG)
    give_up = time.monotonic() + PATIENCE
    while not (view := manager.watch("dan", run_id)).is_over and time.monotonic() < give_up:
        if view.steps:
            for pid in manager._dispatcher.cluster().client.run(os.getpid).values():
                os.kill(pid, signal.SIGKILL)
            time.sleep(2)
        time.sleep(0.2)
    assert (view.state, "memory ran out" in view.error) == (FAILED, True)
    assert until(manager, "dan", manager.start("dan", SKETCHES, SIZE, QUICK), ended).state == ENDED
