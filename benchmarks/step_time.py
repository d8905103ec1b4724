"""Predicted against measured time of real training steps on this processor, in fp32 and in bf16 autocast.

Nothing is fitted to these networks: the calibration measures kernels of random shapes. Both need a machine that does
nothing else. What is measured goes to a folder line by line, so that it can be done in pieces: a later call goes on,
after a calibration of its own, for the speed of a virtual machine changes from minute to minute.

    python -m benchmarks.step_time [--folder results] [--seconds 200] [--batches 2 8] [--models resnet50 vgg16]
"""

from __future__ import annotations

import argparse
import functools
import gc
import json
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import torch

from benchmarks.measured_memory import training_step
from core.errors import PlaygroundError
from core.models import MODELS
from core.profiler import Setting
from core.profiler.timing import MeasuredRates, record, step_time
from core.profiler.timing.calibration import Calibration, Machine, calibrating, read_calibration

Run = tuple[str, int, str]  # network, batch size, precision
PRECISIONS = ("fp32", "bf16")
ENOUGH_S, TOO_LONG_S = 0.3, 1.0  # of timed steps: at least three that last so long, or two that last longer
SMALLER = {"unet": 4}  # times fewer pictures, for its pictures are large


def runs(names: list[str], batches: list[int]) -> Iterator[Run]:
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


@dataclass(frozen=True)
class MeasuredStep:
    """Median seconds of a step, and the calibration that was made just before."""

    seconds: float
    calibration: str


def recorded(folder: Path) -> dict[Run, MeasuredStep]:
    """What was measured before."""
    path = folder / "steps.jsonl"
    entries = map(json.loads, path.read_text(encoding="utf-8").splitlines() if path.exists() else [])
    return {
        (entry["name"], entry["batch"], entry["precision"]): MeasuredStep(
            statistics.median(entry["seconds"]), entry["calibration"]
        )
        for entry in entries
    }


def measure_all(folder: Path, wanted: list[Run], seconds: float) -> None:
    """Calibrates, then measures what is not in the folder yet, until time is up."""
    until, done = time.perf_counter() + seconds, recorded(folder)
    missing = [run for run in wanted if run not in done]
    if not missing or seconds <= 0:
        return
    name = f"calibration-{len(list(folder.glob('calibration-*')))}.json"
    *_, calibration = calibrating()
    assert isinstance(calibration, Calibration)
    (folder / name).write_text(json.dumps(calibration.as_dict()), encoding="utf-8")
    for run in missing:
        if time.perf_counter() > until:
            break
        network, batch, precision = run
        entry = {"name": network, "batch": batch, "precision": precision, "seconds": measure(*run), "calibration": name}
        with (folder / "steps.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        gc.collect()


@functools.cache
def rates_in(path: Path) -> MeasuredRates:
    """The rates of a calibration."""
    calibration = read_calibration(json.loads(path.read_bytes()))
    if calibration is None:
        raise PlaygroundError(f"{path} is of another version of this program: begin with another folder")
    return calibration.rates


def line(run: Run, predicted: float, measured: float) -> str:
    """A run: milliseconds predicted and measured, and how far off the prediction is."""
    name, batch, precision = run
    times = f"{1e3 * predicted:>10,.1f} {1e3 * measured:>10,.1f}"
    return f"{name:<20}{batch:>4}  {precision:<5} {times} {predicted / measured - 1:>+8.1%}"


def errors(folder: Path, wanted: list[Run]) -> Iterator[float]:
    """Share by which each prediction is off; prints a line each."""
    measured = recorded(folder)
    for run in wanted:
        if run in measured:
            name, batch, precision = run
            work = record(MODELS[name].on_meta(), MODELS[name].input_shape, Setting(batch, "sgd", precision))
            predicted = step_time(work, rates_in(folder / measured[run].calibration)).seconds
            print(line(run, predicted, measured[run].seconds), flush=True)
            yield predicted / measured[run].seconds - 1


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="where measured times are kept, to go on later")
    parser.add_argument("--seconds", type=float, default=1e9, help="of measuring, in this call")
    parser.add_argument("--batches", nargs="*", type=int, default=[2, 8])
    parser.add_argument("--models", nargs="*", default=list(MODELS))
    chosen = parser.parse_args(words)
    folder = chosen.folder or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    wanted = list(runs(chosen.models, chosen.batches))
    measure_all(folder, wanted, chosen.seconds)
    print(f"a training step on {Machine.here().title}, in milliseconds")
    print(f"{'model':<19}batch  floats predicted   measured    error")
    off = list(errors(folder, wanted))
    if off:
        share = sorted(map(abs, off))
        ninth = share[math.ceil(0.9 * len(share)) - 1]
        print(f"{len(off)} of {len(wanted)} runs: median error {statistics.median(share):.1%}, ", end="")
        print(f"nine of ten within {ninth:.1%}, on average {statistics.mean(off):+.1%}")


if __name__ == "__main__":
    main()
