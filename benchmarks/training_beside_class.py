"""A run and a class on one machine: how fast it trains alone and beside the class, and how long the class waits.

    python -m benchmarks.training_beside_class [--seconds 40] [--visitors 30]

With CNN_PLAYGROUND_LIMIT_TRAINING_CORES=0.001 there is no floor under the run's share of the processor. Run, class and
server share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.classroom import MOVE, AnswerTimes, quantile, student
from benchmarks.in_browser import folder
from core.jobs.job_manager import JobManager
from core.jobs.job_spec import Source
from core.jobs.run_state import RUNNING, RunView
from core.training import TrainConfig
from playground import catalog
from tests.browser import chromium

SIZE, EPOCHS = 64, 4_000  # to be stopped
PATIENCE_S = 200.0


@contextmanager
def a_run() -> Iterator[tuple[JobManager, str]]:
    """A run that has begun, of the default network on drawn images."""
    with tempfile.TemporaryDirectory() as path:
        manager = JobManager(Path(path))
        run_id = manager.start("class", Source("Sketches", "sketches"), SIZE, TrainConfig(epochs=EPOCHS), "cpu")
        until = time.monotonic() + PATIENCE_S
        while _view(manager, run_id).state != RUNNING and time.monotonic() < until:
            time.sleep(0.2)
        yield manager, run_id
        manager.close()


def _view(manager: JobManager, run_id: str) -> RunView:
    return manager.watch("class", run_id)


def images_per_second(manager: JobManager, run_id: str, seconds: float) -> float:
    """Training images over real time."""
    before, since = _seen(manager, run_id), time.monotonic()
    time.sleep(seconds)
    return (_seen(manager, run_id) - before) / (time.monotonic() - since)


def _seen(manager: JobManager, run_id: str) -> int:
    steps = _view(manager, run_id).steps
    return steps[-1].seen if steps else 0


def lesson(url: str, visitors: int, seconds: float) -> AnswerTimes:
    """A class at work on all lessons, and its waits."""
    waits, pages = AnswerTimes(), [one.file for one in catalog.LESSONS if not one.is_tool]

    async def work() -> None:
        until = time.monotonic() + seconds
        await asyncio.gather(*(student(url, pages, until, waits, seed) for seed in range(visitors)))

    asyncio.run(work())
    return waits


def report(when: str, waits: AnswerTimes) -> None:
    moves = waits.of(MOVE)
    median, late = 1000 * quantile(moves, 0.5), 1000 * quantile(moves, 0.95)
    counts = f"{len(moves)} moves, {len(waits.errors)} errors"
    print(f"{when:<20} {median:5.0f} ms in the median, {late:5.0f} ms at the 95th percentile, {counts}", flush=True)


def main(seconds: float, visitors: int) -> None:
    with folder(), chromium.serving() as url:
        lesson(url, visitors, seconds)  # what is imported and computed once
        report("class alone", lesson(url, visitors, seconds))
        with a_run() as (manager, run_id):
            alone = images_per_second(manager, run_id, seconds / 4)
            beside: list[float] = []
            watching = threading.Thread(
                target=lambda: beside.append(images_per_second(manager, run_id, seconds)), daemon=True
            )
            watching.start()
            report("class beside a run", lesson(url, visitors, seconds))
            watching.join()
    print(f"the run: {alone:.0f} images a second alone, {beside[0]:.0f} beside the class ({beside[0] / alone:.0%})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--visitors", type=int, default=30)
    chosen = parser.parse_args()
    main(chosen.seconds, chosen.visitors)
