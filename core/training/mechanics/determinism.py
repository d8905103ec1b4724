"""Deterministic algorithms on a device, and a description of the device that a run is computed on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from core.optim import get_precision
from core.training.recipe.config import TrainConfig


@contextlib.contextmanager
def deterministic(device: torch.device) -> Iterator[None]:
    """Inside, cuDNN chooses deterministic kernels and does not benchmark, so that two runs are the same."""
    if device.type != "cuda":
        yield
        return
    with torch.backends.cudnn.flags(
        enabled=True, benchmark=False, deterministic=True, allow_tf32=torch.backends.cudnn.allow_tf32
    ):
        yield


def describe(config: TrainConfig, device: torch.device, memory_format: torch.memory_format) -> tuple[str, ...]:
    """What the speed of a run and the last bits of its results depend on.

    >>> describe(TrainConfig(precision="bf16"), torch.device("cpu"), torch.contiguous_format)[1:]
    ('bf16 autocast', 'channels first')
    """
    precision = f"{config.precision} autocast" if get_precision(config.precision).autocast else config.precision
    order = "channels last" if memory_format is torch.channels_last else "channels first"
    compiled = ("compiled",) if config.compile else ()
    return (*_device(device), precision, order, *compiled)


def _device(device: torch.device) -> tuple[str, ...]:
    if device.type != "cuda":
        threads = torch.get_num_threads()
        return (f"{threads} thread{'s' * (threads != 1)}",) if device.type == "cpu" else (device.type,)
    matrices, convolutions = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    tf32 = [what for what, on in (("matrices", matrices), ("convolutions", convolutions)) if on]
    return (
        torch.cuda.get_device_name(device),
        f"TF32 in {' and '.join(tf32)}" if tf32 else "TF32 off",
        f"cuDNN {torch.backends.cudnn.version()} deterministic",
    )
