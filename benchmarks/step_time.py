"""Predicted against measured time of real training steps on this processor, in fp32 and in bf16 autocast.

Nothing is fitted to these networks: the calibration measures kernels of random shapes. Both need a machine that does
nothing else. What is measured goes to a folder line by line, so that it can be done in pieces; a later call goes on.

    python -m benchmarks.step_time [--folder results] [--seconds 200] [--batches 2 8] [--models resnet50 vgg16]
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import torch

from benchmarks.measured_memory import training_step
from core.models import MODELS
from core.profiler import Setting

PRECISIONS = ("fp32", "bf16")
ENOUGH_S, TOO_LONG_S = 0.3, 1.0  # of timed steps: at least three that last so long, or two that last longer
SMALLER = {"unet": 4}  # times fewer pictures, for its pictures are large


def runs(names: list[str], batches: list[int]) -> Iterator[tuple[str, int, str]]:
    """Network, batch size and precision of every run."""
    for name, batch, precision in product(names, batches, PRECISIONS):
        yield name, max(1, batch // SMALLER.get(name, 1)), precision


def measure(name: str, batch: int, precision: str) -> list[float]:
    """Seconds of some steps of a training under way."""
    torch.manual_seed(0)
    model = MODELS[name].build().train()
    step, _ = training_step(model, torch.randn(batch, *MODELS[name].input_shape), Setting(batch, "sgd", precision))
    step()  # prepares kernels and memory
    times: list[float] = []
    while len(times) < 2 or (sum(times) < TOO_LONG_S and (len(times) < 3 or sum(times) < ENOUGH_S)):
        times.append(timed(step))
    return times


def timed(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def recorded(path: Path) -> dict[tuple[str, int, str], list[float]]:
    """What was measured before."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {(entry["name"], entry["batch"], entry["precision"]): entry["seconds"] for entry in map(json.loads, lines)}


def measure_all(path: Path, wanted: list[tuple[str, int, str]], seconds: float) -> None:
    """Measures what is not in the file yet, until time is up."""
    until, done = time.perf_counter() + seconds, recorded(path)
    for run in wanted:
        if run in done or time.perf_counter() > until:
            continue
        entry = dict(zip(("name", "batch", "precision"), run, strict=True), seconds=measure(*run))
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        gc.collect()
