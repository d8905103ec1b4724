"""What the calculator says in words: each sentence follows from the figures beside it."""

from __future__ import annotations

from core.percent import percent
from core.profiler.fitting import PEAK_ERROR, Device, Verdict
from playground import units
from playground.escaping import literal

BAND = (
    "**Counted, tensor by tensor:** parameters, buffers, gradients, optimizer state, input, saved activations. "
    "**Modelled:** temporary tensors inside kernels, which can make the peak. In 400 training runs on a CPU and a GPU "
    f"the predicted peak was within {percent(PEAK_ERROR, 0)} of the measured one. **Only a range:** what the process "
    "takes beside its tensors (CUDA context, libraries, workspaces, fragmentation). The verdict’s range holds both."
)


def verdict_sentence(judged: Verdict, batch_size: int) -> str:
    """Whether it fits: the peak, the range in which a real process lies, and what the device really offers."""
    device = judged.device
    run = f"training with batch size {batch_size:,} on {literal(device.title)}"
    peak = units.memory(judged.peak_bytes)
    band = f"{units.memory(judged.least_bytes)} to {units.memory(judged.most_bytes)}"
    return (
        f"**{judged.word.capitalize()}: {run}.** Tensors take about {peak}; a process with them takes {band}. "
        f"{memory_sentence(device)}"
    )


def memory_sentence(device: Device) -> str:
    """What programs can use of a device, and how that is known."""
    usable = units.memory(device.memory_bytes)
    if device.name_plate_bytes == device.memory_bytes:
        return f"The device has {usable}."
    source = f"[{device.source}]({device.url})" if device.url else device.source
    return f"Of the device’s {units.memory(device.name_plate_bytes)} programs can use {usable} ({source})."
