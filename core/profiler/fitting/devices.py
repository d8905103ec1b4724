"""Devices and what fits on them. The counted bytes of a profile and the band of what nobody can know stay apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core import main_memory
from core.errors import PlaygroundError
from core.percent import percent
from core.profiler.formatting import readable

GIB = 2**30
MIB = 2**20


@dataclass(frozen=True)
class Device:
    """Something with memory. `kernels` is "cuda" or "cpu": whose temporaries a profile for it counts.

    `memory_bytes` is what a program can use of it, `nominal_bytes` what its name plate says (0: not known apart).
    `source` says in a phrase where the difference is from; `url` is its address, if it has one.
    """

    title: str
    memory_bytes: int
    kernels: str = "cuda"
    nominal_bytes: int = 0
    source: str = ""
    url: str = ""

    @property
    def name_plate_bytes(self) -> int:
        """What people call its memory."""
        return self.nominal_bytes or self.memory_bytes


def _reported(title: str, gib: int, usable_gib: float, issue: str) -> Device:
    """A GPU whose usable memory somebody's PyTorch has reported: "GPU 0 has a total capacity of ... GiB"."""
    repository, number = issue.split("#")
    url = f"https://github.com/{repository}/issues/{number}"
    return Device(title, round(usable_gib * GIB), "cuda", gib * GIB, "as PyTorch reports it", url)


def _reserved(title: str, gib: int, share: float, why: str) -> Device:
    """A GPU of which no figure was found: a share of its name plate is set aside."""
    source = f"{percent(share, 0)} are set aside: {why}"
    return Device(title, round(gib * (1 - share) * GIB), "cuda", gib * GIB, source)


# What is set aside where no report was found: a little more than the cards of that kind with a report lack.
_GEFORCE = 0.05, "no report found; other GeForce cards lack 1 to 5 %"
_GDDR_ECC = 0.09, "no report found; other cards with error correction in GDDR6, T4 and L4, lack 8 to 9 %"
_HBM = 0.02, "no report found; other cards with HBM, A100 and V100, lack about 1 %"
_SHARED = 0.25, "the operating system uses the same memory"
MAIN_MEMORY_SHARE = 0.10  # of a computer's memory that is left to its other programs

DEVICES: dict[str, Device] = {
    "gtx1060": _reserved("GeForce GTX 1060", 6, *_GEFORCE),
    "gtx1070": _reserved("GeForce GTX 1070", 8, *_GEFORCE),
    "gtx1080": _reserved("GeForce GTX 1080", 8, *_GEFORCE),
    "gtx1080ti": _reported("GeForce GTX 1080 Ti", 11, 10.91, "yezhen17/3DIoUMatch-PVRCNN#4"),
    "gtx1650": _reported("GeForce GTX 1650", 4, 3.81, "ultralytics/yolov5#285"),
    "gtx1660": _reserved("GeForce GTX 1660", 6, *_GEFORCE),
    "gtx1660ti": _reserved("GeForce GTX 1660 Ti", 6, *_GEFORCE),
    "rtx2060": _reported("GeForce RTX 2060", 6, 5.79, "facebookresearch/meshrcnn#92"),
    "rtx2070": _reserved("GeForce RTX 2070", 8, *_GEFORCE),
    "rtx2080": _reserved("GeForce RTX 2080", 8, *_GEFORCE),
    "rtx2080ti": _reported("GeForce RTX 2080 Ti", 11, 10.76, "JDAI-CV/image-captioning#11"),
    "rtx3050": _reserved("GeForce RTX 3050", 8, *_GEFORCE),
    "rtx3060": _reported("GeForce RTX 3060", 12, 11.76, "TencentARC/PhotoMaker#47"),
    "rtx3060ti": _reserved("GeForce RTX 3060 Ti", 8, *_GEFORCE),
    "rtx3070": _reported("GeForce RTX 3070", 8, 7.76, "sshan-zhao/GASDA#19"),
    "rtx3070ti": _reserved("GeForce RTX 3070 Ti", 8, *_GEFORCE),
    "rtx3080": _reported("GeForce RTX 3080", 10, 9.78, "zai-org/CogVideo#34"),
    "rtx3080ti": _reserved("GeForce RTX 3080 Ti", 12, *_GEFORCE),
    "rtx3090": _reported("GeForce RTX 3090", 24, 23.68, "3DTopia/OpenLRM#42"),
    "rtx3090ti": _reserved("GeForce RTX 3090 Ti", 24, *_GEFORCE),
    "rtx4060": _reserved("GeForce RTX 4060", 8, *_GEFORCE),
    "rtx4060ti": _reserved("GeForce RTX 4060 Ti", 8, *_GEFORCE),
    "rtx4070": _reserved("GeForce RTX 4070", 12, *_GEFORCE),
    "rtx4070ti": _reserved("GeForce RTX 4070 Ti", 12, *_GEFORCE),
    "rtx4080": _reserved("GeForce RTX 4080", 16, *_GEFORCE),
    "rtx4090": _reported("GeForce RTX 4090", 24, 23.64, "ali-vilab/VGen#104"),
    "rtx5060": _reserved("GeForce RTX 5060", 8, *_GEFORCE),
    "rtx5070": _reserved("GeForce RTX 5070", 12, *_GEFORCE),
    "rtx5070ti": _reserved("GeForce RTX 5070 Ti", 16, *_GEFORCE),
    "rtx5080": _reserved("GeForce RTX 5080", 16, *_GEFORCE),
    "rtx5090": _reserved("GeForce RTX 5090", 32, *_GEFORCE),
    "rtxa4000": _reserved("RTX A4000", 16, *_GDDR_ECC),
    "rtxa5000": _reserved("RTX A5000", 24, *_GDDR_ECC),
    "rtxa6000": _reserved("RTX A6000", 48, *_GDDR_ECC),
    "t4": _reported("Tesla T4 (free notebooks)", 16, 14.56, "Zheng-Chong/CatVTON#133"),
    "p100": _reserved("Tesla P100", 16, *_HBM),
    "v100": _reported("Tesla V100", 32, 31.74, "liucongg/ChatGLM-Finetuning#73"),
    "l4": _reported("L4", 24, 22.03, "ArcInstitute/evo2#190"),
    "a10": _reserved("A10", 24, *_GDDR_ECC),
    "a100-40": _reported("A100, 40 GB", 40, 39.50, "TianheWu/CoSeR#10"),
    "a100-80": _reported("A100, 80 GB", 80, 79.25, "HiDream-ai/VAREdit#6"),
    "l40s": _reported("L40S", 48, 44.53, "Wan-Video/Wan2.1#205"),
    "h100": _reserved("H100", 80, *_HBM),
    "h200": _reserved("H200", 141, *_HBM),
    "jetson-nano": _reserved("Jetson Nano (shared with the system)", 4, *_SHARED),
}

# How far a predicted peak was from the measured one at most, in 400 runs on a CPU and a GPU: docs/memory.md.
PEAK_ERROR = 0.04

# What a process takes beside the tensors: (least, most) bytes, and (least, most) share of the peak.
_OVERHEAD = {
    "cuda": ((300 * MIB, 900 * MIB), (0.0, 0.10)),  # context and libraries; cuDNN workspace, rounding, fragmentation
    "cpu": ((250 * MIB, 700 * MIB), (0.0, 0.10)),  # interpreter and libraries; threads' scratchpads, fragmentation
}
_BAND = {kernels: (sizes, (low - PEAK_ERROR, high + PEAK_ERROR)) for kernels, (sizes, (low, high)) in _OVERHEAD.items()}


def this_machine() -> Device:
    """The machine this runs on: its first GPU, or its main memory as far as this process may use it."""
    import torch

    if torch.cuda.is_available():
        gpu = torch.cuda.get_device_properties(0)
        return Device(f"This machine ({gpu.name})", gpu.total_memory)
    memory = main_memory.total_bytes()
    usable, source = round(memory * (1 - MAIN_MEMORY_SHARE)), f"{percent(MAIN_MEMORY_SHARE, 0)} are left to the system"
    return Device("This machine (CPU)", usable, "cpu", memory, source)


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

    `peak_bytes` is counted and modelled (within `PEAK_ERROR`); with that error and what the rest of the process takes
    it becomes `least_bytes` to `most_bytes`.
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
        return f"{self.word}: about {peak} of tensors, {total}; programs can use {memory} of {self.device.title}"


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
