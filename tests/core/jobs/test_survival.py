"""Whatever is killed in mid-run, the run ends with the weights of one that nobody disturbed, bit for bit.

A run is paused before something is killed, so that this happens in mid-run on a fast machine as on a slow one.
"""

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import torch

from core.jobs.run_state import ENDED, PAUSED, RUNNING
from core.jobs.storage.run_folder import RUN, RunCommand, RunFolder
from core.training.weight_snapshots import MOST_KEPT
from tests.core.jobs.quick_runs import (
    PATIENCE,
    QUICK,
    SIZE,
    SKETCHES,
    begun,
    descendants,
    ended,
    opened,
    pause_in_the_middle,
    until,
    weights,
)

ROOT = Path(__file__).parents[3]
EPOCHS = 30
MIDDLE = dataclasses.replace(QUICK, epochs=EPOCHS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("manager")


@pytest.fixture(scope="module")
def manager(folder):
    with opened(folder) as manager:
        yield manager


@pytest.fixture(scope="module")
def undisturbed(manager):
    """What a run comes to that goes through in one piece."""
    run_id = manager.start("ann", SKETCHES, SIZE, MIDDLE)
    view = until(manager, "ann", run_id, ended)
    return view, weights(manager, "ann", run_id)


def snapshot_files(manager, owner, run_id):
    """What the run has kept of its weights on its way, by the files' names."""
    folder = RunFolder(manager.checkpoint(owner, run_id).parent).weight_snapshots
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def same(view, found, undisturbed):
    expected, expected_weights = undisturbed
    assert view.state == ENDED
    assert view.resumed == 1, "it resumed and did not start anew"
    assert [step.step for step in view.steps] == list(range(1, view.began.steps + 1))
    assert [epoch.val_loss for epoch in view.epochs] == [epoch.val_loss for epoch in expected.epochs]
    assert [step.loss for step in view.steps] == [step.loss for step in expected.steps]
    assert all(torch.equal(found[name], values) for name, values in expected_weights.items())


def kill_worker(manager):
    for pid in manager._dispatcher.cluster().client.run(os.getpid).values():
        os.kill(pid, signal.SIGKILL)


def kill_training_processes(manager):
    scheduler = psutil.Process(manager._dispatcher.cluster()._process.pid)  # there may be those of other tests
    for process in (*descendants(scheduler), scheduler):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


@pytest.mark.parametrize("kill", [kill_worker, kill_training_processes])
def test_killed_processes_are_replaced_and_go_on_to_the_same_weights(kill, manager, undisturbed):
    run_id = begun(manager, "bob", MIDDLE)
    kill(manager)
    manager.command("bob", run_id, "run")
    same(until(manager, "bob", run_id, ended), weights(manager, "bob", run_id), undisturbed)
    kept = snapshot_files(manager, "bob", run_id)
    assert kept == snapshot_files(manager, "ann", undisturbed[0].run_id)
    assert len(kept) == MOST_KEPT


def test_a_run_of_a_killed_server_is_still_paused_at_the_next_and_goes_on(folder, manager, undisturbed):
    command = [sys.executable, "-m", "tests.core.jobs.serve_runs", str(folder), "cy", str(EPOCHS)]
    is_paused = False
    while not is_paused:  # until a run is not over before it can be paused
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
            run_id = server.stdout.readline().strip()
            is_paused = pause_in_the_middle(manager, "cy", run_id)  # a visitor may come to any server on this folder
            manager.supervisor.adopt()
            assert run_id not in [run.spec.run_id for run in manager.supervisor.sent()], "a living server has it"
            children = descendants(psutil.Process(server.pid))
            server.kill()
            psutil.wait_procs(children, timeout=PATIENCE)
    view = until(manager, "cy", run_id, lambda view: view.resumed and view.state == PAUSED)
    assert not view.is_over
    manager.command("cy", run_id, "run")
    same(until(manager, "cy", run_id, ended), weights(manager, "cy", run_id), undisturbed)


def parked(manager, owner, monkeypatch):
    """A run that has left its device because its owner was gone; one that was over before is begun anew."""
    run = None
    while run is None or run.is_over:
        run_id = begun(manager, owner, MIDDLE)
        run = manager._runs.find(owner, run_id)
        manager.command(owner, run_id, "run")
        until(manager, owner, run_id, lambda view: view.is_over or view.state == RUNNING)
        monkeypatch.setattr(manager.supervisor, "away_s", 0.0)
        manager.supervisor.round(1)  # at once: by the next round of its own the run may be over
        give_up = time.monotonic() + PATIENCE
        while not (run.is_parked or run.is_over) and time.monotonic() < give_up:
            time.sleep(0.05)
            run.catch_up()
        monkeypatch.setattr(manager.supervisor, "away_s", 1000.0)
    return run_id


def test_a_run_whose_owner_is_gone_makes_room_and_goes_on_when_they_are_back(manager, undisturbed, monkeypatch):
    run_id = parked(manager, "ed", monkeypatch)
    assert manager.runs("ed")[0].away
    assert manager.runs("ed")[0].parked
    other = manager.start("flo", SKETCHES, SIZE, QUICK)
    assert until(manager, "flo", other, ended).state == ENDED, "the device is free"
    assert not manager.watch("ed", run_id).parked, "their looking is enough"
    same(until(manager, "ed", run_id, ended), weights(manager, "ed", run_id), undisturbed)


def test_a_run_that_was_told_to_go_on_while_it_left_its_device_goes_on(manager, monkeypatch):
    run_id = parked(manager, "gil", monkeypatch)
    manager._runs.find("gil", run_id).folder.write_command(RunCommand(RUN))  # as if between its pause and its parking
    assert not manager.watch("gil", run_id).parked
    assert until(manager, "gil", run_id, ended).resumed == 1


def test_a_connection_that_breaks_for_a_moment_costs_no_run(manager, undisturbed):
    trained = begun(manager, "hal", MIDDLE)
    waiting = manager.start("ida", SKETCHES, SIZE, QUICK)
    until(manager, "ida", waiting, lambda view: view.queue_position == 1)
    client = manager._dispatcher.cluster().client
    client.loop.add_callback(client.scheduler_comm.comm.abort)
    manager.command("hal", trained, "run")
    view = until(manager, "hal", trained, ended)
    assert [step.loss for step in view.steps] == [step.loss for step in undisturbed[0].steps]
    assert until(manager, "ida", waiting, ended).state == ENDED
