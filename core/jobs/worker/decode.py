"""In the worker: images decoded once, for the page that shows them and the run that trains on them."""

from __future__ import annotations

import shutil
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


def decode(topic: str, where: str, size: int, path: str, is_upload: bool, layout: str = "") -> None:
    """Decode the images at `where` into the file `path` for a page that shows them, and report to a topic of Dask.

    Those of an upload lie nowhere else; others are also kept for whoever uses the same ones. `layout` is a
    `LayoutChoice` as text.
    """
    last = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > REPORT_EVERY_S or done == total:
            last = time.monotonic()
            get_worker().log_event(topic, {"done": done, "total": total})

    with CPU_FLOOR.kept():
        in_nice_thread(_decode, where, layout, size, Path(path), is_upload, progress, value=firm_niceness())


def decode_for(spec: JobSpec, progress: Callable[[int, int], None], waiting: Callable[[], None] = lambda: None) -> None:
    """Decode a run's images unless that was done before. `waiting()` is called while somebody else is at it."""
    source = spec.source
    _decode(source.where, source.layout, spec.size, Path(spec.decoded), source.is_upload, progress, waiting)


def _decode(
    where: str,
    layout: str,
    size: int,
    path: Path,
    is_upload: bool,
    progress: Callable[[int, int], None],
    waiting: Callable[[], None] = lambda: None,
) -> None:
    """Decode unless it was done before; two who want the same at once do it once."""
    from core.datasets import LayoutChoice, load
    from core.datasets.cachedir import exclusively
    from core.jobs.storage.decoded_images import decoded_beside, save_decoded
    from core.storage_errors import storage_errors

    with storage_errors():
        if _is_whole(path):
            return
        with exclusively(path, waiting):
            if not path.exists():
                own = path.with_suffix(".decoding")
                try:
                    choice, cache = LayoutChoice.parse(layout), own if is_upload else True
                    before = decoded_beside(path) if is_upload else []
                    data = load(where, size, progress=progress, cache=cache, layout=choice, reuse=before)
                    save_decoded(data, path)
                finally:
                    shutil.rmtree(own, ignore_errors=True)


def _is_whole(path: Path) -> bool:
    """Whether a decoded set is there and can be opened; a damaged one is removed."""
    from core.errors import DataError
    from core.jobs.storage.decoded_images import open_decoded

    try:
        return path.exists() and bool(open_decoded(path))
    except DataError:
        return False
