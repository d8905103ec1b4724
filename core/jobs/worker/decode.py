"""In the worker: images decoded once, for the page that shows them and the run that trains on them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from distributed import get_worker

from core.jobs.worker.cpu_floor import CPU_FLOOR, firm_niceness
from core.jobs.worker.niceness import in_nice_thread

if TYPE_CHECKING:
    from core.jobs.job_spec import JobSpec

REPORT_EVERY_S = 0.1


def decode(topic: str, where: str, size: int, path: str, cache: bool, layout: str = "") -> None:
    """Decode the images at `where` into the file `path` for a page that shows them, and report to a topic of Dask.

    With `cache` they are also kept for the next time that somebody brings the same ones. `layout` is a `LayoutChoice`
    as text.
    """
    last = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > REPORT_EVERY_S or done == total:
            last = time.monotonic()
            get_worker().log_event(topic, {"done": done, "total": total})

    with CPU_FLOOR.kept():
        in_nice_thread(_decode, where, layout, size, Path(path), cache, progress, value=firm_niceness())


def decode_for(spec: JobSpec, progress: Callable[[int, int], None], waiting: Callable[[], None] = lambda: None) -> None:
    """Decode a run's images unless that was done before. `waiting()` is called while somebody else is at it."""
    source = spec.source
    cache = not source.is_private
    _decode(source.where, source.layout, spec.size, Path(spec.decoded), cache, progress, waiting)


def _decode(
    where: str,
    layout: str,
    size: int,
    path: Path,
    cache: bool,
    progress: Callable[[int, int], None],
    waiting: Callable[[], None] = lambda: None,
) -> None:
    """Decode unless it was done before; two who want the same at once do it once."""
    from core.datasets import LayoutChoice, load
    from core.datasets.cachedir import exclusively
    from core.jobs.storage.decoded_images import save_decoded

    if not path.exists():
        with exclusively(path, waiting):
            if not path.exists():
                choice = LayoutChoice.parse(layout)
                save_decoded(load(where, size, progress=progress, cache=cache, layout=choice), path)
