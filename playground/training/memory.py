"""What a run will take of memory, known before it starts; one that does not fit is refused, with ways out."""

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
from core.profiler.fitting import Device, Suggestion, budget_bytes, suggest, verdict
from core.training import TrainConfig
from core.training.loop import VALIDATION_BATCH
from core.training.recipe.networks import network_of, on_meta, style_of
from playground import units
from playground.job_manager import job_manager
from playground.training.pictures import decoded

MOST_REMEDIES = 4


@dataclass(frozen=True)
class Asked:
    """All that the memory of a run depends on, except how many pictures there are. The key of what is kept."""

    config: TrainConfig
    classes: int
    size: int
    kernels: str  # "cpu" or "cuda"

    @property
    def shape(self) -> tuple[int, int, int]:
        return 3, self.size, self.size

    def setting(self) -> Setting:
        """The run as the profiler is asked for it."""
        config = self.config
        return Setting(
            max(config.batch_size, config.accumulate),
            config.optimizer,
            config.precision,
            "cross_entropy",
            channels_last=config.channels_last,
            accumulate=config.accumulate,
            device=self.kernels,
        )

    def network(self) -> nn.Module:
        """The network without memory, in training mode."""
        return on_meta(self.config.network, self.classes, self.size, style_of(self.config)).train()

    @property
    def trains_a_head(self) -> bool:
        """Whether all but the last layer is frozen: then most of the network only ever predicts."""
        return network_of(self.config.network).body is not None


@st.cache_data(max_entries=256, show_spinner=False)
def peaks(asked: Asked) -> tuple[int, int]:
    """Bytes of weights, gradients, optimizer state and activations at the fullest moment of training, of validation.

    Raises: PlaygroundError if the network does not fit the pictures.
    """
    network, setting = asked.network(), asked.setting()
    step = profile_in(network, asked.shape, setting)
    check = profile_in(network, asked.shape, setting.but(batch_size=VALIDATION_BATCH, accumulate=1))
    if asked.trains_a_head:  # its features are computed once, like predictions; the head is small
        return check.inference_peak_bytes, check.inference_peak_bytes
    average = step.parameter_bytes + step.buffer_bytes if asked.config.ema else 0
    waiting = step.gradient_bytes + step.optimizer_bytes  # while the network looks at validation pictures
    return step.training_peak_bytes + average, check.inference_peak_bytes + waiting + average


def needed(asked: Asked) -> int:
    """The larger of the two. Raises: as `peaks`."""
    return max(peaks(asked))


@st.cache_data(max_entries=64, show_spinner=False)
def ways_out(asked: Asked, budget: int) -> tuple[str, ...]:
    """What would make it fit, the most sparing first, each in a phrase with its peak."""
    try:
        found = suggest(asked.network(), asked.shape, asked.setting(), budget)
    except PlaygroundError:  # the network itself does not fit the pictures
        return ()
    after = {remedy.title: _after(asked, remedy) for remedy in found if remedy.kind in WITHIN_REACH}
    fitting = [f"{title} ({units.decimal(peak)})" for title, peak in after.items() if peak <= budget]
    return tuple(fitting[:MOST_REMEDIES])


def _after(asked: Asked, remedy: Suggestion) -> int:
    """The peak with a remedy. All but smaller pictures leave validation as it is."""
    if remedy.kind == "input":
        return needed(dataclasses.replace(asked, size=remedy.input_shape[-1]))
    return max(remedy.peak_bytes, peaks(asked)[1])


WITHIN_REACH = ("batch", "precision", "accumulation", "optimizer", "input")  # what this page has a control for


def predicted_bytes(view: RunView) -> int | None:
    """What was predicted for a run; None if nobody can say."""
    path = job_manager().decoded_file(view.source, view.size)
    if not path.exists():
        return None
    kernels = "cpu" if view.device == "cpu" else "cuda"
    try:
        return needed(Asked(view.config, len(decoded(path).classes), view.size, kernels))
    except PlaygroundError:
        return None


def check(source: Source, size: int, config: TrainConfig, device: devices.TrainingDevice) -> str:
    """What the run takes and whether that fits, in a sentence; empty while the pictures are not known yet.

    Raises: PlaygroundError if it does not fit.
    """
    path = job_manager().decoded_file(source, size)
    if not path.exists():
        return ""
    pictures = decoded(path)
    asked = Asked(config, len(pictures.classes), size, device.kernels)
    training, images = needed(asked), needed_bytes(len(pictures), size)
    free = Device(device.title, device.free_bytes, device.kernels)
    if device.memory_bytes and verdict(training + images, free).word == "does not fit":
        raise PlaygroundError(_refusal(asked, training + images, images, free))
    room = f", of {units.decimal(device.free_bytes)} that are free" if device.memory_bytes else ""
    return f"Training takes **{units.decimal(training)}** of memory beside the pictures{room}."


def _refusal(asked: Asked, wanted: int, images: int, free: Device) -> str:
    ways = ways_out(asked, max(0, budget_bytes(free) - images))
    help = "; ".join(ways) if ways else "a smaller network, smaller batches or smaller pictures"
    return (
        f"This run needs {units.decimal(wanted)} of memory, and {units.decimal(free.memory_bytes)} is free on the "
        f"device ({free.title}). What would make it fit: {help}."
    )
