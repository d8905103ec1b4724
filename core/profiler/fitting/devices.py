"""Devices and what fits on them. The exact bytes of a profile and the band of what nobody can know stay apart."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from core.errors import PlaygroundError
from core.profiler.formatting import readable

GIB = 2**30
MIB = 2**20


@dataclass(frozen=True)
class Device:
    """Something with memory. `kernels` is "cuda" or "cpu": whose temporaries a profile for it counts."""

    title: str
    memory_bytes: int
    kernels: str = "cuda"


DEVICES: dict[str, Device] = {
    "gtx1650": Device("GeForce GTX 1650", 4 * GIB),
    "gtx1660": Device("GeForce GTX 1660", 6 * GIB),
    "gtx1080ti": Device("GeForce GTX 1080 Ti", 11 * GIB),
    "rtx2060": Device("GeForce RTX 2060", 6 * GIB),
    "rtx2080ti": Device("GeForce RTX 2080 Ti", 11 * GIB),
    "rtx3050": Device("GeForce RTX 3050", 8 * GIB),
    "rtx3060": Device("GeForce RTX 3060", 12 * GIB),
    "rtx3070": Device("GeForce RTX 3070", 8 * GIB),
    "rtx3080": Device("GeForce RTX 3080", 10 * GIB),
    "rtx3090": Device("GeForce RTX 3090", 24 * GIB),
    "rtx4060": Device("GeForce RTX 4060", 8 * GIB),
    "rtx4070": Device("GeForce RTX 4070", 12 * GIB),
    "rtx4080": Device("GeForce RTX 4080", 16 * GIB),
    "rtx4090": Device("GeForce RTX 4090", 24 * GIB),
    "rtx5090": Device("GeForce RTX 5090", 32 * GIB),
    "t4": Device("Tesla T4 (free notebooks)", 16 * GIB),
    "p100": Device("Tesla P100", 16 * GIB),
    "v100": Device("Tesla V100", 32 * GIB),
    "l4": Device("L4", 24 * GIB),
    "a10": Device("A10", 24 * GIB),
    "a100-40": Device("A100, 40 GB", 40 * GIB),
    "a100-80": Device("A100, 80 GB", 80 * GIB),
    "l40s": Device("L40S", 48 * GIB),
    "h100": Device("H100", 80 * GIB),
    "h200": Device("H200", 141 * GIB),
    "jetson-nano": Device("Jetson Nano (shared with the system)", 4 * GIB),
}

# What a process takes beside the tensors: (least, most) bytes, and (least, most) share of the peak.
_BAND = {
    "cuda": ((300 * MIB, 900 * MIB), (0.0, 0.10)),  # context and libraries; cuDNN workspace, rounding, fragmentation
    "cpu": ((250 * MIB, 700 * MIB), (0.0, 0.10)),  # interpreter and libraries; threads' scratchpads, fragmentation
}


def this_machine() -> Device:
    """The machine this runs on: its first GPU, or its main memory as far as this process may use it."""
    import torch

    if torch.cuda.is_available():
        gpu = torch.cuda.get_device_properties(0)
        return Device(f"This machine ({gpu.name})", gpu.total_memory)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 8 * GIB
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.is_file() and (text := limit.read_text().strip()).isdigit():
        memory = min(memory, int(text))
    return Device("This machine (CPU)", memory, "cpu")


def device(text: str) -> Device:
    """A device by its key in `DEVICES`, "this" for this machine, or a size such as "8GB" (10^9) or "8GiB" (2^30).

    >>> device("rtx3060").memory_bytes == device("12 GiB").memory_bytes
    True
    """
    key = text.strip().lower().replace(" ", "")
    if key in DEVICES:
        return DEVICES[key]
    if key in ("this", "cpu", "here"):
        return this_machine()
    try:
        return Device(text.strip(), read_bytes(text))
    except PlaygroundError:
        raise PlaygroundError(
            f"unknown device {text[:40]!r}: use this, a size such as 8GB, or one of {', '.join(DEVICES)}"
        ) from None


def read_bytes(text: str) -> int:
    """A size as people write it.

    >>> read_bytes("8GB"), read_bytes("1.5 GiB"), read_bytes("700mb")
    (8000000000, 1610612736, 700000000)
    """
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)(i?)b?\s*", text.lower())
    if match is None or float(match[1]) <= 0:
        raise PlaygroundError(f"{text[:40]!r} is not a memory size: write it like 8 GB or 8 GiB")
    power = " kmgt".index(match[2] or " ")
    return int(float(match[1]) * (1024 if match[3] else 1000) ** power)


@dataclass(frozen=True)
class Verdict:
    """Whether a peak fits a device.

    `peak_bytes` is exact; with what the rest of the process takes it becomes `least_bytes` to `most_bytes`.
    """

    word: str
    device: Device
    peak_bytes: int
    least_bytes: int
    most_bytes: int

    @property
    def fits(self) -> bool:
        """Whether it fits at least barely."""
        return self.word != "does not fit"

    @property
    def sentence(self) -> str:
        sizes = self.peak_bytes, self.least_bytes, self.most_bytes, self.device.memory_bytes
        peak, least, most, memory = map(readable, sizes)
        total = f"{least} to {most} with framework overhead"
        return f"{self.word}: {peak} of tensors, {total}; {self.device.title} has {memory}"


def verdict(peak_bytes: int, device: Device) -> Verdict:
    """ "fits", "barely fits" (if the process turns out lean) or "does not fit".

    >>> verdict(3 * GIB, DEVICES["rtx3060"]).word, verdict(13 * GIB, DEVICES["rtx3060"]).word
    ('fits', 'does not fit')
    """
    (low, high), (low_share, high_share) = _BAND[device.kernels]
    least = int(peak_bytes * (1 + low_share)) + low
    most = int(peak_bytes * (1 + high_share)) + high
    word = "fits" if most <= device.memory_bytes else "barely fits" if least <= device.memory_bytes else "does not fit"
    return Verdict(word, device, peak_bytes, least, most)


def budget_bytes(device: Device, careful: bool = True) -> int:
    """The largest peak that fits a device; `careful` leaves room for everything the process may take."""
    (low, high), (low_share, high_share) = _BAND[device.kernels]
    base, share = (high, high_share) if careful else (low, low_share)
    return max(0, int((device.memory_bytes - base) / (1 + share)))
