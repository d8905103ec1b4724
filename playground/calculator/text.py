"""What the calculator says in words: each sentence follows from the figures beside it."""

from __future__ import annotations

from collections.abc import Mapping

from core.percent import percent
from core.profiler.fitting import PEAK_ERROR, Device, Verdict
from core.profiler.setting import Setting
from core.profiler.timing import StepTime
from core.profiler.timing.published import BYTES, PRODUCTS, PublishedRates
from core.profiler.timing.rates import BOUNDS, STEP_ERROR, Bound, Rates
from core.profiler.timing.report import spoken
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


UNITS = (("days", 86400.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))
CALIBRATION = (
    "Runs about two thousand kernels of random shapes for about a minute. The result is kept for this machine; "
    "other programs that run meanwhile make it slower than it is."
)


def basis(rates: Rates) -> str:
    """How the times of a device are known."""
    if rates.is_measured:
        return "measured on this machine"
    is_confirmed = not isinstance(rates, PublishedRates) or rates.is_confirmed
    return "range from published rates" if is_confirmed else "range from published rates, not confirmed"


def span(is_measured: bool, low: float, likely: float, high: float) -> str:
    """A measured device's likely time, or the range of one that nobody measured, in the unit of its end.

    >>> span(True, 0.8, 1.0, 1.25), span(False, 0.0111, 0.02, 0.0348), span(False, 40, 70, 125)
    ('1.00 s', '11 – 35 ms', '0.67 – 2.1 min')
    """
    if is_measured:
        return spoken(likely)
    unit, seconds = next(((unit, size) for unit, size in UNITS if high >= size), UNITS[-1])
    return f"{units.significant(low / seconds, 2)} – {units.significant(high / seconds, 2)} {unit}"


def rate_span(step: StepTime) -> str:
    """Images a second, in the same way."""
    slowest, likely, fastest = (step.batch_size / seconds for seconds in (step.high, step.seconds, step.low))
    if step.is_measured:
        return units.significant(likely, 3)
    return f"{units.significant(slowest, 2)} – {units.significant(fastest, 2)}"


def time_caption(step: StepTime, setting: Setting) -> str:
    """How the time is known, and what it is the time of."""
    parts = f" in {setting.accumulate} passes" if setting.accumulate > 1 else ""
    shared = f", shared by {setting.replicas} devices that do not wait for each other" if setting.replicas > 1 else ""
    what = f"Forward, loss, backward and update of {units.counted(setting.batch_size, 'image')}{parts}{shared}."
    loading = "Loading the images is not in it."
    if step.is_measured:
        return f"{what} {loading} Nine of ten predicted steps are within {percent(STEP_ERROR, 0)} of measured ones."
    return (
        f"{what} {loading} Nobody has measured this device here: training reaches "
        f"{percent(PRODUCTS[0], 0)} to {percent(PRODUCTS[1], 0)} of a data sheet’s arithmetic and "
        f"{percent(BYTES[0], 0)} to {percent(BYTES[1], 0)} of its memory bandwidth."
    )


def share_words(bounds: Mapping[Bound, float]) -> str:
    """What most of the time waits for, and how much of it."""
    bound = max(bounds, key=lambda name: bounds[name])
    return f"{bound}, {percent(bounds[bound], 0)}"


def phases_sentence(step: StepTime) -> str:
    """The likely time of each phase; they add up to the step."""
    phases = ", ".join(f"{name} {spoken(seconds)}" for name, seconds in step.phases.items())
    return f"As a rule: {phases}; together {spoken(step.seconds)}."


def waits_sentence(step: StepTime) -> str:
    """Which shares of the time wait for what."""
    arithmetic, memory, overhead = (percent(step.bounds[name], 0) for name in BOUNDS)
    return (
        f"Of the kernels’ time, {arithmetic} waits for arithmetic, {memory} for memory and {overhead} is the overhead "
        "of calls. A layer waits for arithmetic where its products at full speed take longer than its bytes."
    )


def unknown_speed(device: Device) -> str:
    """Why there is no time for a device."""
    if device.title.startswith("This machine"):
        return "This machine has not been measured yet: measure it below, or choose another device above."
    return f"Nothing is known of the speed of {literal(device.title)}: choose a device of the list above."
