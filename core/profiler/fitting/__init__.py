"""Whether it fits, how large a batch fits, and what makes it fit."""

from core.profiler.fitting.batch import LargestBatch, largest_batch
from core.profiler.fitting.device_names import device
from core.profiler.fitting.devices import (
    DEVICES,
    PEAK_ERROR,
    Device,
    Verdict,
    budget_bytes,
    this_machine,
    verdict,
)
from core.profiler.fitting.edits import Edit, edited
from core.profiler.fitting.suggestions import IDEAS, Suggestion, suggest, try_all, try_idea

__all__ = [
    "DEVICES",
    "PEAK_ERROR",
    "Device",
    "Edit",
    "LargestBatch",
    "Suggestion",
    "Verdict",
    "budget_bytes",
    "device",
    "edited",
    "largest_batch",
    "suggest",
    "this_machine",
    "try_all",
    "try_idea",
    "verdict",
]
