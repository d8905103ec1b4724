"""Runs on a Dask cluster that is not ours: a scheduler and two workers, each a process of its own."""

import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from core.jobs.job_manager import JobManager
from core.jobs.run_state import ENDED, PAUSED, RUNNING
from tests.core.jobs.quick_runs import LONG, PATIENCE, QUICK, SIZE, SKETCHES, ended, opened, until, weights

ROOT = Path(__file__).parents[3]
MIDDLE = dataclasses.replace(QUICK, epochs=30)


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """`{"plain": process, "with-gpu": process}`; the job manager finds them as Dask's own clients do."""
    contact = tmp_path / "scheduler.json"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DASK_LOGGING__DISTRIBUTED": "critical"}

    def started(kind, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", "--scheduler-file", str(contact), *arguments]
        return subprocess.Popen([*command, "--no-dashboard"], env=environment, cwd=tmp_path)

    tags = {"plain": "run=1", "with-gpu": "run=1,GPU=1"}
    scheduler = started("scheduler", "--port", "0", "--host", "127.0.0.1")
    common = ("--no-nanny", "--nthreads", "2", "--host", "127.0.0.1", "--local-directory", str(tmp_path))
    workers = {name: started("worker", "--name", name, "--resources", tag, *common) for name, tag in tags.items()}
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", address(contact))
    yield workers
    for process in (*workers.values(), scheduler):
        process.kill()
        process.wait()


def address(contact):
    """What the scheduler writes into its file: Dask creates it first and fills it after."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            return json.loads(contact.read_text(encoding="utf-8"))["address"]
        except (FileNotFoundError, json.JSONDecodeError):
            if time.monotonic() > give_up:
                raise
        time.sleep(0.05)


def wait_for_workers(manager):
    manager._dispatcher.cluster().client.wait_for_workers(2, timeout=PATIENCE)


def two_in_their_middle(manager, owner):
    """Two runs, both paused after a checkpoint; begun anew if one was over before. They wait until both are ready."""
    for _ in range(20):
        both = [manager.start(owner, SKETCHES, SIZE, MIDDLE) for _ in range(2)]
        for run_id in both:
            manager.command(owner, run_id, "pause")
        for run_id in both:
            until(manager, owner, run_id, lambda view: view.is_over or view.state == PAUSED)
        for run_id in both:
            manager.command(owner, run_id, "run")
        for run_id in both:
            until(manager, owner, run_id, lambda view: view.is_over or (view.epochs and view.state == RUNNING))
            manager.command(owner, run_id, "pause")
        held = [until(manager, owner, run_id, lambda view: view.is_over or view.state == PAUSED) for run_id in both]
        if not any(view.is_over for view in held):
            return both
        for run_id in both:
            manager.command(owner, run_id, "stop")
            until(manager, owner, run_id, ended)
    pytest.fail("no two runs can be paused in their middle")


def test_runs_go_to_the_right_workers_and_outlive_a_worker_and_a_server(cluster, tmp_path):
    with opened(tmp_path / "training") as manager:
        wait_for_workers(manager)
        assert [device.key for device in manager.devices()] == ["gpu", "cpu"]
        on_gpu = manager.start("gina", SKETCHES, SIZE, QUICK, "gpu")
        view = until(manager, "gina", on_gpu, lambda view: view.worker or view.is_over)
        assert view.worker == "with-gpu"
        until(manager, "gina", on_gpu, ended)

        first, second = two_in_their_middle(manager, "ben")
        views = [manager.watch("ben", run_id) for run_id in (first, second)]
        assert {view.worker for view in views} == {"plain", "with-gpu"}, "one run on each"

        cluster["plain"].kill()
        for run_id in (first, second):
            manager.command("ben", run_id, "run")
        views = [until(manager, "ben", run_id, ended) for run_id in (first, second)]
        assert [view.state for view in views] == [ENDED, ENDED]
        assert sorted(view.resumed for view in views) == [0, 1]
        killed, whole = (weights(manager, "ben", run_id) for run_id in (first, second))
        assert all(torch.equal(killed[name], whole[name]) for name in whole)

        lasting = manager.start("ben", SKETCHES, SIZE, LONG)
        until(manager, "ben", lasting, lambda view: view.state == RUNNING and view.steps)
    other = JobManager(tmp_path / "training")  # the first server is gone; the cluster never stopped
    view = other.watch("ben", lasting)
    assert until(other, "ben", lasting, lambda later: len(later.steps) > len(view.steps)).resumed == 0
    other.supervisor.adopt()
    other.command("ben", lasting, "stop")
    assert until(other, "ben", lasting, ended).resumed == 0
    other.close()
