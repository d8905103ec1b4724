"""A job manager with quick runs, for the tests of this folder."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
import torch

from core.datasets import load
from core.jobs.job_manager import JobManager
from core.jobs.job_spec import Source
from core.jobs.run_state import PAUSED, RUNNING, RunView
from core.jobs.storage.decoded_images import save_decoded
from core.training import TrainConfig

SKETCHES = Source("Sketches", "sketches")
SIZE = 16
TINY = "nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, 2))"
QUICK = TrainConfig(network=TINY, epochs=2, batch_size=32)
LONG = dataclasses.replace(QUICK, epochs=20_000)  # to be stopped: longer than any test looks away
FEW = 200  # pictures
PATIENCE = 240.0  # seconds: a busy machine is slow, not wrong


@contextmanager
def opened(folder: Path) -> Iterator[JobManager]:
    """A job manager with few sketches, whose processes must all be gone in the end."""
    others = psutil.Process().children()  # a server and a browser of other tests
    manager = JobManager(folder)
    if not manager.decoded_file(SKETCHES, SIZE).exists():
        save_decoded(load("sketches", SIZE, limit=FEW), manager.decoded_file(SKETCHES, SIZE))
    manager.warm_up()
    yield manager
    children = [child for child in psutil.Process().children() if child not in others]
    children += [grandchild for child in children for grandchild in descendants(child)]
    manager.close()
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert alive == []


def descendants(process: psutil.Process) -> list[psutil.Process]:
    """Its children and theirs; none if it is gone."""
    with suppress(psutil.NoSuchProcess):
        return process.children(recursive=True)
    return []


def until(manager: JobManager, owner: str, run_id: str, wanted: Callable[[RunView], object]) -> RunView:
    """The run's view, once it is as wanted."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        view = manager.watch(owner, run_id)
        if wanted(view):
            return view
        if view.is_over:
            pytest.fail(f"the run ended as {view.state}: {view.error or view.done}")
        time.sleep(0.02)
    pytest.fail(f"still {view.state} at step {len(view.steps)} after {PATIENCE} s")


def pause_in_the_middle(manager: JobManager, owner: str, run_id: str) -> bool:
    """Let a run go on and pause it after a checkpoint, and not just after it. False if it was over before."""
    for _ in range(20):
        manager.command(owner, run_id, "run")
        until(manager, owner, run_id, lambda view: view.is_over or (view.epochs and view.state == RUNNING))
        manager.command(owner, run_id, "pause")
        view = until(manager, owner, run_id, lambda view: view.is_over or view.state == PAUSED)
        if view.is_over:
            return False
        if view.steps[-1].step % view.began.steps_per_epoch:
            return True
    return False


def begun(manager: JobManager, owner: str, config: TrainConfig) -> str:
    """A run that is paused in its middle. One that was quicker than we are is begun anew."""
    for _ in range(20):
        run_id = manager.start(owner, SKETCHES, SIZE, config)
        if pause_in_the_middle(manager, owner, run_id):
            return run_id
        manager.command(owner, run_id, "stop")
        until(manager, owner, run_id, ended)
    pytest.fail("no run can be paused in its middle")


def ended(view: RunView) -> bool:
    return view.is_over


def weights(manager: JobManager, owner: str, run_id: str) -> dict[str, torch.Tensor]:
    """What the run has learned."""
    from core.training import load_trained

    return load_trained(manager.checkpoint(owner, run_id)).model.state_dict()
