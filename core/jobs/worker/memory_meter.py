"""How much memory training takes of its device: what a process grew by, or what a GPU's allocator gave out."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import psutil

from core.heap import give_back_free_memory

STATUS, REFS = Path("/proc/self/status"), Path("/proc/self/clear_refs")
FORGET_PEAK = "5"  # written to clear_refs: the peak is the present from now on (Linux, proc(5))


class MemoryMeter:
    """Made when weights and images are in memory, before the first step.

    On a CPU the growth of the process since then is measured, and `weights_bytes`, which are in memory already, are
    added: libraries' scratch space is in it, the program and the images are not. Where the system does not tell a
    process's peak, it is the largest of the values read.
    """

    def __init__(self, device: str, weights_bytes: int) -> None:
        self._cuda = device if device.startswith("cuda") else None
        self._weights, self._peak = weights_bytes, 0
        if self._cuda:
            import torch

            torch.cuda.reset_peak_memory_stats(self._cuda)
            self._before = torch.cuda.memory_allocated(self._cuda)
        else:
            _warm_libraries()
            give_back_free_memory()
            with contextlib.suppress(OSError):
                REFS.write_text(FORGET_PEAK, encoding="ascii")
            self._before = psutil.Process().memory_info().rss

    def read(self) -> tuple[int, int]:
        """Bytes now, and the most so far."""
        now, peak = _allocated(self._cuda) if self._cuda else _resident()
        now, peak = (max(0, used - self._before) + self._weights for used in (now, peak))
        self._peak = max(self._peak, now, peak)
        return now, self._peak


def _allocated(device: str) -> tuple[int, int]:
    """What PyTorch has given out on a GPU, and the peak of that."""
    import torch

    return torch.cuda.memory_allocated(device), torch.cuda.max_memory_allocated(device)


def _resident() -> tuple[int, int]:
    """Resident bytes of this process, and their peak where the system keeps it."""
    with contextlib.suppress(OSError):
        values = dict(re.findall(r"^(VmHWM|VmRSS):\s+(\d+) kB$", STATUS.read_text(encoding="ascii"), re.MULTILINE))
        if len(values) == 2:
            return int(values["VmRSS"]) * 1024, int(values["VmHWM"]) * 1024
    now = psutil.Process().memory_info().rss
    return now, now


def _warm_libraries() -> None:
    """A convolution forward and back: what libraries allocate once and for all is not this run's."""
    import torch

    image = torch.zeros(1, 3, 8, 8)
    torch.nn.Conv2d(3, 4, 3)(image).sum().backward()
