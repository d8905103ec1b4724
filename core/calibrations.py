"""Calibrations of this machine, kept in the user's cache folder: one for each device, threads and PyTorch version."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path

from core.datasets.cachedir import cache_folder, replacing
from core.profiler.fitting import Device
from core.profiler.timing.calibration import Calibration, Machine, read_calibration
from core.profiler.timing.published import published_rates
from core.profiler.timing.rates import MeasuredRates, Rates


def save(calibration: Calibration) -> Path:
    """Keeps a calibration in the place of the one before; returns its file."""
    path = path_of(calibration.machine)
    with replacing(path) as file:
        file.write(json.dumps(calibration.as_dict()).encode())
    return path


def path_of(machine: Machine) -> Path:
    """The file of a machine's calibration."""
    key = hashlib.sha256(repr(machine).encode()).hexdigest()[:16]
    return cache_folder("calibrations") / f"{machine.kernels}-{key}.json"


def measured_rates(machine: Machine) -> MeasuredRates | None:
    """The rates that were measured on a machine; None before its first calibration."""
    path = path_of(machine)
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else None


@functools.lru_cache(maxsize=4)
def _read(path: Path, changed_ns: int) -> MeasuredRates | None:
    try:
        calibration = read_calibration(json.loads(path.read_bytes()))
    except (ValueError, TypeError, KeyError):  # a file that somebody has changed
        return None
    return calibration.rates if calibration else None


def rates_of(device: Device) -> Rates | None:
    """What is known of the speed of a device: measured if it is this machine, else published, else nothing."""
    if device.title.startswith("This machine"):
        return measured_rates(Machine.here(device.kernels))
    return published_rates(device)
