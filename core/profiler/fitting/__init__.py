"""Whether it fits, how large a batch fits, and what makes it fit."""

from core.profiler.fitting.batch import LargestBatch, largest_batch
from core.profiler.fitting.devices import DEVICES, Device, Verdict, budget_bytes, device, this_machine, verdict
from core.profiler.fitting.edits import Edit, edited
from core.profiler.fitting.suggestions import Remedy, propose, remedies, try_out

__all__ = [
    "DEVICES",
    "Device",
    "Edit",
    "LargestBatch",
    "Remedy",
    "Verdict",
    "budget_bytes",
    "device",
    "edited",
    "largest_batch",
    "propose",
    "remedies",
    "this_machine",
    "try_out",
    "verdict",
]
