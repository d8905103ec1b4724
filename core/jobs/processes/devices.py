"""On what this machine can train: each GPU with its memory and how busy it is, Apple's, and the CPU."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from core import cpu_count, main_memory

QUERY = "index,uuid,name,memory.total,memory.used,utilization.gpu"
SMI = ("nvidia-smi", f"--query-gpu={QUERY}", "--format=csv,noheader,nounits")
MIB = 2**20


@dataclass(frozen=True)
class TrainingDevice:
    """Something to train on. `busy` is the share of time in which it was at work lately, None where that is unknown.

    `key` is what PyTorch calls it; `kernels` whose temporaries a memory profile counts for it ("cpu" or "cuda").
    """

    key: str
    title: str
    memory_bytes: int
    used_bytes: int
    busy: float | None = None
    threads: int = 0

    @property
    def free_bytes(self) -> int:
        return max(0, self.memory_bytes - self.used_bytes)

    @property
    def kernels(self) -> str:
        return "cpu" if self.key == "cpu" else "cuda"


def local_devices(smi: Callable[[], str] | None = None) -> tuple[TrainingDevice, ...]:
    """What is here, the fastest kind first; the CPU is always last. `smi()` gives what `nvidia-smi` prints."""
    return (*gpus((smi or run_smi)()), *_apple(), cpu())


def run_smi() -> str:
    """What `nvidia-smi` says, without a CUDA context of our own; empty where there is none or torch cannot use it."""
    import torch

    if torch.version.cuda is None:
        return ""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        return subprocess.run(SMI, capture_output=True, text=True, timeout=5, check=True).stdout
    return ""


def gpus(table: str, visible: str | None = None) -> tuple[TrainingDevice, ...]:
    """The GPUs in `nvidia-smi`'s table, numbered as PyTorch numbers them under CUDA_VISIBLE_DEVICES.

    >>> [gpu.key for gpu in gpus("0, GPU-a, H100, 81559, 10, 0\\n1, GPU-b, H100, 81559, 10, 97", visible="1")]
    ['cuda:0']
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES") if visible is None else visible
    rows = [[cell.strip() for cell in line.split(",")] for line in table.splitlines() if line.count(",") == 5]
    if visible is not None:
        names = [name.strip() for name in visible.split(",") if name.strip()]
        rows = [row for name in names for row in rows if name in (row[0], row[1])]
    return tuple(_gpu(number, row) for number, row in enumerate(rows))


def _gpu(number: int, row: list[str]) -> TrainingDevice:
    _, _, name, total, used, busy = row
    share = int(busy) / 100 if busy.isdigit() else None  # "[N/A]" on some
    return TrainingDevice(f"cuda:{number}", name, int(total) * MIB, int(used) * MIB, share)


def _apple() -> tuple[TrainingDevice, ...]:
    import torch

    if not torch.backends.mps.is_available():
        return ()
    memory = psutil.virtual_memory()
    return (
        TrainingDevice("mps", f"Apple GPU ({platform.processor()})", memory.total, memory.total - memory.available),
    )


def cpu() -> TrainingDevice:
    """The cores and the memory that this process may use, as its container allows."""
    threads = cpu_count.allowed()
    busy = min(1.0, os.getloadavg()[0] / threads) if hasattr(os, "getloadavg") else None
    return TrainingDevice("cpu", "CPU", main_memory.total_bytes(), main_memory.used_bytes(), busy, threads)
