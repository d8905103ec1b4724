"""An office with quick runs, for the tests of this folder."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import torch

from core.datasets import load
from core.training import TrainConfig
from playground.jobs.board import View
from playground.jobs.office import Office
from playground.jobs.orders import Source
from playground.jobs.store import save_pictures

SKETCHES = Source("Sketches", "sketches")
SIZE = 16
TINY = "nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(16, 2))"
QUICK = TrainConfig(network=TINY, epochs=2, batch_size=32)
LONG = dataclasses.replace(QUICK, epochs=600)
FEW = 200  # pictures
PATIENCE = 240.0  # seconds: a busy machine is slow, not wrong


@contextmanager
def opened(folder: Path, **how: float) -> Iterator[Office]:
    """An office with few sketches, whose processes must all be gone in the end."""
    others = psutil.Process().children()  # a server and a browser of other tests
    office = Office(folder, **how)
    if not office.pictures_file(SKETCHES, SIZE).exists():
        save_pictures(load("sketches", SIZE, limit=FEW), office.pictures_file(SKETCHES, SIZE))
    office.warm_up()
    yield office
    ours = [child for child in psutil.Process().children() if child not in others]
    children = [*ours, *(grandchild for child in ours for grandchild in child.children(recursive=True))]
    office.close()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []


def until(office: Office, owner: str, run_id: str, wanted: Callable[[View], object]) -> View:
    """The run's view, once it is as wanted."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        view = office.watch(owner, run_id)
        if wanted(view):
            return view
        if view.is_over:
            pytest.fail(f"the run ended as {view.state}: {view.error or view.done}")
        time.sleep(0.02)
    pytest.fail(f"still {view.state} at step {len(view.steps)} after {PATIENCE} s")


def ended(view: View) -> bool:
    return view.is_over


def weights(office: Office, owner: str, run_id: str) -> dict[str, torch.Tensor]:
    """What the run has learnt."""
    from core.training import load_trained

    return load_trained(office.checkpoint(owner, run_id)).model.state_dict()
