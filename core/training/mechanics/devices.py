"""The device of a run, by the name that PyTorch has for it."""

from __future__ import annotations

import torch

from core.errors import PlaygroundError


def usable_device(name: str) -> torch.device:
    """The device of that name.

    Raises: PlaygroundError that names the devices of this machine, if it is none of them.

    >>> usable_device("cpu")
    device(type='cpu')
    """
    here = devices()
    try:
        device = torch.device(name)
    except RuntimeError:
        raise PlaygroundError(f"No device is called {name!r}: use {' or '.join(here)}.") from None
    numbered = f"{device.type}:{device.index or 0}" if device.type == "cuda" else device.type
    if numbered not in here:
        raise PlaygroundError(f"PyTorch finds no device {name!r} on this machine: use {' or '.join(here)}.")
    return device


def devices() -> list[str]:
    """What one can train on here, by name: the CPU, and the GPUs that PyTorch finds."""
    gpus = [f"cuda:{number}" for number in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    return ["cpu", *gpus, *(["mps"] if torch.backends.mps.is_available() else [])]


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that a device or the machine has no memory left."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    )
