"""The memory that a run needs, known before it starts; one that does not fit is refused, with ways out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import streamlit as st
from torch import nn

from core.datasets import needed_bytes
from core.errors import PlaygroundError
from core.jobs.job_spec import Source
from core.jobs.processes import devices
from core.jobs.run_state import RunView
from core.profiler import Setting, profile_in
from core.profiler.fitting import Device, Suggestion, Verdict, budget_bytes, suggest, verdict
from core.training import TrainConfig
from core.training.loop import VALIDATION_BATCH
from core.training.recipe.networks import network_of, on_meta, options_of
from playground import units
from playground.job_manager import job_manager
from playground.training.pictures import decoded

MOST_REMEDIES = 4


@dataclass(frozen=True)
class MemoryQuery:
    """All that the memory of a run depends on, except the number of images. The key of the caches."""

    config: TrainConfig
    classes: int
    size: int
    kernels: str  # "cpu" or "cuda"

    @property
    def shape(self) -> tuple[int, int, int]:
        return 3, self.size, self.size

    def setting(self) -> Setting:
        """The run as a setting of the profiler."""
        config, batch_size = self.config, max(self.config.batch_size, self.config.accumulate)
        more = {"channels_last": config.channels_last, "accumulate": config.accumulate, "device": self.kernels}
        return Setting(batch_size, config.optimizer, config.precision, "cross_entropy", **more)

    def network(self) -> nn.Module:
        """The network without memory, in training mode."""
        return on_meta(self.config.network, self.classes, self.size, options_of(self.config)).train()

    @property
    def trains_a_head(self) -> bool:
        """Whether all but the last layer is frozen: then most of the network only predicts."""
        return network_of(self.config.network).body is not None


@st.cache_data(max_entries=256, show_spinner=False)
def peaks(query: MemoryQuery) -> tuple[int, int]:
    """Bytes of weights, gradients, optimizer state and activations at the fullest moment of training, of validation.

    Raises: PlaygroundError if the network does not fit the images.
    """
    network, setting = query.network(), query.setting()
    step = profile_in(network, query.shape, setting)
    check = profile_in(network, query.shape, setting.but(batch_size=VALIDATION_BATCH, accumulate=1))
    if query.trains_a_head:  # its features are computed once, like predictions; the head is small
        return check.inference_peak_bytes, check.inference_peak_bytes
    average = step.parameter_bytes + step.buffer_bytes if query.config.ema else 0
    waiting = step.gradient_bytes + step.optimizer_bytes  # during validation
    return step.training_peak_bytes + average, check.inference_peak_bytes + waiting + average


def needed(query: MemoryQuery) -> int:
    """The larger of the two. Raises: as `peaks`."""
    return max(peaks(query))


@st.cache_data(max_entries=64, show_spinner=False)
def suggestions(query: MemoryQuery, budget: int) -> tuple[str, ...]:
    """What would make it fit, the least costly first, each in a phrase with its peak."""
    try:
        suggested = suggest(query.network(), query.shape, query.setting(), budget)
    except PlaygroundError:  # the network itself does not fit the images
        return ()
    after = {suggestion.title: _after(query, suggestion) for suggestion in suggested if suggestion.kind in ADJUSTABLE}
    fitting = [f"{title} ({units.decimal(peak)})" for title, peak in after.items() if peak <= budget]
    return tuple(fitting[:MOST_REMEDIES])


def _after(query: MemoryQuery, suggestion: Suggestion) -> int:
    """The peak with a suggestion. All but a smaller image size leave validation as it is."""
    if suggestion.kind == "input":
        return needed(dataclasses.replace(query, size=suggestion.input_shape[-1]))
    return max(suggestion.peak_bytes, peaks(query)[1])


ADJUSTABLE = ("batch", "precision", "accumulation", "optimizer", "input")  # what this page has a control for


def predicted_bytes(view: RunView) -> int | None:
    """What was predicted for a run; None if nobody can say."""
    path = job_manager().decoded_file(view.source, view.size)
    if not path.exists():
        return None
    kernels = "cpu" if view.device == "cpu" else "cuda"
    try:
        return needed(MemoryQuery(view.config, len(decoded(path).classes), view.size, kernels))
    except PlaygroundError:
        return None


def check(source: Source, size: int, config: TrainConfig, device: devices.TrainingDevice) -> str:
    """What the run needs and whether that fits, in a sentence; empty while the images are not decoded yet.

    Raises: PlaygroundError if it does not fit.
    """
    path = job_manager().decoded_file(source, size)
    if not path.exists():
        return ""
    data = decoded(path)
    query = MemoryQuery(config, len(data.classes), size, device.kernels)
    training, images = needed(query), needed_bytes(len(data), size)
    free = Device(device.title, device.free_bytes, device.kernels)
    judged = verdict(training + images, free)
    if device.memory_bytes and not judged.fits:
        raise PlaygroundError(_refusal(query, judged, images))
    room = f"; {units.decimal(device.free_bytes)} are free" if device.memory_bytes else ""
    return f"Training needs **{units.decimal(training)}** of memory, images not included{room}."


def _refusal(query: MemoryQuery, judged: Verdict, images: int) -> str:
    free = judged.device
    ways = suggestions(query, max(0, budget_bytes(free) - images))
    help = "; ".join(ways) if ways else "a smaller network, a smaller batch size or smaller images"
    return (
        f"This run needs at least {units.decimal(judged.least_bytes)} of memory: {units.decimal(judged.peak_bytes)} "
        f"for its tensors, the rest for PyTorch. {units.decimal(free.memory_bytes)} are free on the device "
        f"({free.title}). What would make it fit: {help}."
    )
