"""In the worker, on request: which learning rate a run can bear.

The folder of the search stands for its owner's interest. When it is removed, the next event that the search would write
into it fails, and that ends the search: so cancelling needs no message of its own.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
from pathlib import Path
from typing import TYPE_CHECKING

from core.jobs.worker.cpu_floor import CPU_FLOOR, FirmThread
from core.jobs.worker.decode import decode_for
from core.jobs.worker.error_messages import sentence
from core.jobs.worker.niceness import in_nice_thread
from core.jobs.worker.train import torch_device

if TYPE_CHECKING:
    from core.jobs.job_spec import JobSpec
    from core.jobs.storage.run_folder import RunFolder

STEPS = 100


def search_learning_rate(path: str) -> None:
    """The range test for the run specified in the folder at `path`, told in its event log step by step."""
    with CPU_FLOOR.kept(), FirmThread() as firm:
        in_nice_thread(_search_folder, Path(path), firm)


def _search_folder(path: Path, firm: FirmThread) -> None:
    from core.jobs.storage.run_folder import RunFolder

    folder = RunFolder(path)
    spec = folder.read_spec()
    with contextlib.suppress(FileNotFoundError):  # nobody wants to know any more
        if spec is not None:
            try:
                _search(folder, spec, firm)
            except Exception as error:
                _still_wanted(folder)
                folder.event_log.append({"kind": "Failed", "error": sentence(error)})


def _search(folder: RunFolder, spec: JobSpec, firm: FirmThread) -> None:
    from core.jobs.storage.decoded_images import open_decoded
    from core.jobs.worker.progress_reporter import ProgressReporter
    from core.training.lr_range_test import range_test, suggestion

    reporter = ProgressReporter(folder)
    decode_for(spec, reporter.decoding, lambda: _still_wanted(folder))
    device = torch_device(spec)
    folder.event_log.append({"kind": "Began"})
    steps = []
    for step in firm.steps(range_test(spec.config, open_decoded(Path(spec.decoded)), device, STEPS)):
        _still_wanted(folder)
        steps.append(step)
        reporter.report({"kind": "Tried", **dataclasses.asdict(step)})
    reporter.report({"kind": "Found", "rate": suggestion(steps) if math.isfinite(steps[0].smooth) else None})
    reporter.flush()


def _still_wanted(folder: RunFolder) -> None:
    if not folder.path.exists():
        raise FileNotFoundError(folder.path)
