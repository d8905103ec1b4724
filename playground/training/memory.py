"""The memory that a run needs, known before it starts; one that does not fit is refused, with ways out."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path

from core.augmentation import Augmentations
from core.datasets import needed_bytes
from core.errors import PlaygroundError
from core.jobs.job_spec import Source
from core.jobs.processes import devices
from core.jobs.run_state import RunView
from core.knobs import knobs_of
from core.percent import percent
from core.profiler.fitting import PEAK_ERROR, Device, Verdict, budget_bytes, verdict
from core.training import TrainConfig
from core.training.loop import VALIDATION_BATCH
from core.training.recipe import memory_needed
from core.training.recipe.memory_needed import MemoryQuery
from playground import computation_gate, units
from playground.background_work import is_computed
from playground.job_manager import job_manager
from playground.training import text
from playground.training.data.tabs.splits import parts_of
from playground.training.pictures import decoded

MOST_REMEDIES = 4
WORK = "training memory"  # in the session's state
DEFAULTS = TrainConfig()
# What the memory of a recipe does not depend on: its other settings alone are profiled.
UNCOUNTED = (
    *("epochs", "learning_rate", "schedule", "weight_decay", "label_smoothing", "clip", "patience", "first_size"),
    *("compile", "seed", "val_share", "test_share", "split_seed", "initialization", *knobs_of(Augmentations)),
)


peaks = computation_gate.cached(256, apart=True)(memory_needed.peaks)
_remedies = computation_gate.cached(64, apart=True)(memory_needed.remedies)


def needed(query: MemoryQuery) -> int:
    """The larger of the two. Raises: as `peaks`."""
    return max(peaks(query))


def suggestions(query: MemoryQuery, budget: int) -> tuple[str, ...]:
    """What would make it fit, the least costly first, each in a phrase with its peak."""
    return tuple(f"{title} ({units.decimal(peak)})" for title, peak in _remedies(query, budget)[:MOST_REMEDIES])


def predicted_bytes(view: RunView) -> int | None:
    """What was predicted for a run; None if nobody can say."""
    path = job_manager().decoded_file(view.source, view.size)
    if not path.exists():
        return None
    try:
        return needed(query_of(path, view.config, view.size, kernels_of(view)))
    except PlaygroundError:
        return None


def kernels_of(view: RunView) -> str:
    """Whose kernels compute a run."""
    return "cpu" if view.device == "cpu" else "cuda"


def query_of(path: Path, config: TrainConfig, size: int, kernels: str) -> MemoryQuery:
    """The query for a recipe on decoded images. Runs on more images than fill a batch are alike."""
    training, validation, *_ = map(len, parts_of(path, config))
    fills = min(training, config.batch_size), min(validation, VALIDATION_BATCH)
    return MemoryQuery(counted(config), len(decoded(path).classes), size, kernels, *fills)


def counted(config: TrainConfig) -> TrainConfig:
    """The recipe with all that its memory does not depend on at its default: recipes that need as much are equal."""
    return dataclasses.replace(config, **{name: getattr(DEFAULTS, name) for name in UNCOUNTED})


def is_known(source: Source, size: int, config: TrainConfig, device: devices.TrainingDevice) -> bool:
    """Whether `check` would say at once what the run needs; if not, look again in a moment. Raises: as `peaks`."""
    path = job_manager().decoded_file(source, size)
    if not path.exists():
        return True
    query = query_of(path, config, size, device.kernels)
    return is_computed(WORK, query, partial(peaks, query))


def check(source: Source, size: int, config: TrainConfig, device: devices.TrainingDevice) -> str:
    """What the run needs and whether that fits, in a sentence; empty while the images are not decoded yet.

    Raises: PlaygroundError if it does not fit.
    """
    path = job_manager().decoded_file(source, size)
    if not path.exists():
        return ""
    data = decoded(path)
    query = query_of(path, config, size, device.kernels)
    training, images = needed(query), needed_bytes(len(data), size)
    free = Device(device.title, device.free_bytes, device.kernels)
    judged = verdict(training + images, free)
    if device.memory_bytes and not judged.fits:
        raise PlaygroundError(_refusal(query, judged, images))
    return text.needed_sentence(training, device.kernels, device.free_bytes if device.memory_bytes else None)


def _refusal(query: MemoryQuery, judged: Verdict, images: int) -> str:
    free = judged.device
    ways = suggestions(query, max(0, budget_bytes(free) - images))
    help = "; ".join(ways) if ways else "a smaller network, a smaller batch size or smaller images"
    return (
        f"This run needs at least {units.decimal(judged.least_bytes)} of memory: its tensors about "
        f"{units.decimal(judged.peak_bytes)}, within {percent(PEAK_ERROR, 0)}, and PyTorch the rest. "
        f"{units.decimal(free.memory_bytes)} are free on the device "
        f"({free.title}). What would make it fit: {help}."
    )
