"""A calibration: kernels of random shapes measured on this machine, which takes about half a minute."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from core.errors import PlaygroundError
from core.profiler.timing.kernels import KernelCall, TimedKernel
from core.profiler.timing.measuring import measure, new_byte_seconds
from core.profiler.timing.rates import MeasuredRates
from core.profiler.timing.trials import trials

VERSION = 1  # of families and their terms: what was measured for others is measured again


@dataclass(frozen=True)
class Machine:
    """What a calibration holds for.

    Attributes:
        device: the name of the processor or of the GPU; `kernels` is "cpu" or "cuda".
        threads: that share a kernel on a processor.
        torch: the version of PyTorch.
    """

    device: str
    kernels: str
    threads: int
    torch: str

    @classmethod
    def here(cls, kernels: str = "cpu") -> Machine:
        """This one. Raises: PlaygroundError where it has no GPU that PyTorch can use."""
        if kernels == "cuda" and not torch.cuda.is_available():
            raise PlaygroundError("PyTorch finds no GPU here: calibrate the processor instead")
        name = torch.cuda.get_device_name(0) if kernels == "cuda" else _processor()
        return cls(name, kernels, torch.get_num_threads(), torch.__version__)

    @property
    def title(self) -> str:
        """The machine in a phrase."""
        return self.device if self.kernels == "cuda" else f"{self.device}, {self.threads} threads"


@dataclass(frozen=True)
class Calibration:
    """What was measured on a machine."""

    machine: Machine
    samples: tuple[TimedKernel, ...]
    new_byte_seconds: float

    @property
    def rates(self) -> MeasuredRates:
        """The rates that follow."""
        return MeasuredRates(self.machine.title, self.samples, self.new_byte_seconds)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a file."""
        return {
            "version": VERSION,
            "machine": asdict(self.machine),
            "new_byte_seconds": self.new_byte_seconds,
            "samples": [[*asdict(sample.kernel).values(), sample.seconds] for sample in self.samples],
        }


def read_calibration(values: Any) -> Calibration | None:
    """The calibration that `as_dict` has written; None where it was measured by another version of this program."""
    if not isinstance(values, dict) or values.get("version") != VERSION:
        return None
    samples = tuple(_sample(*plain) for plain in values["samples"])
    return Calibration(Machine(**values["machine"]), samples, values["new_byte_seconds"])


def _sample(
    family: str, dtype: str, macs: int, read: int, written: int, terms: list, sizes: list, seconds: float
) -> TimedKernel:
    return TimedKernel(KernelCall(family, dtype, macs, read, written, tuple(terms), tuple(sizes)), seconds)


def calibrating(kernels: str = "cpu") -> Iterator[float | Calibration]:
    """Measures this machine: the share that is done, now and then, and at last the calibration.

    Raises: PlaygroundError where there is no such device.
    """
    machine, wanted = Machine.here(kernels), list(trials(kernels))
    samples: list[TimedKernel] = []
    for group in measure(wanted, torch.device(kernels)):
        samples += group
        yield len(samples) / len(wanted)
    yield Calibration(machine, tuple(samples), new_byte_seconds() if kernels == "cpu" else 0.0)


def _processor() -> str:
    """The name of the processor."""
    about = Path("/proc/cpuinfo")
    if about.is_file():
        for line in about.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
