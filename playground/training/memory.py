"""The memory that a run needs, known before it starts; one that does not fit is refused, with ways out."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from torch import nn

from core.augmentation import Augmentations
from core.datasets import needed_bytes
from core.errors import PlaygroundError
from core.jobs.job_spec import Source
from core.jobs.processes import devices
from core.jobs.run_state import RunView
from core.knobs import knobs_of
from core.percent import percent
from core.profiler import Setting, profile_in
from core.profiler.fitting import PEAK_ERROR, Device, Suggestion, Verdict, budget_bytes, suggest, verdict
from core.training import TrainConfig
from core.training.loop import VALIDATION_BATCH
from core.training.recipe.networks import network_of, on_meta, options_of
from playground import computation_gate, units
from playground.job_manager import job_manager
from playground.training import text
from playground.training.data.tabs.splits import parts_of
from playground.training.pictures import decoded

MOST_REMEDIES = 4
UNBOUNDED = 1 << 20
DEFAULTS = TrainConfig()
# What the memory of a recipe does not depend on: its other settings alone are profiled.
UNCOUNTED = (
    *("epochs", "learning_rate", "schedule", "weight_decay", "label_smoothing", "clip", "patience", "first_size"),
    *("compile", "seed", "val_share", "test_share", "split_seed", "initialization", *knobs_of(Augmentations)),
)


@dataclass(frozen=True)
class MemoryQuery:
    """All that the memory of a run depends on, except the images themselves. The key of the caches."""

    config: TrainConfig
    classes: int
    size: int
    kernels: str  # "cpu" or "cuda"
    training: int = UNBOUNDED  # images at most in a step, and in a validation pass: few images fill no batch
    validation: int = UNBOUNDED

    @property
    def shape(self) -> tuple[int, int, int]:
        return 3, self.size, self.size

    def setting(self) -> Setting:
        """The run as a setting of the profiler."""
        config, batch_size = self.config, max(min(self.config.batch_size, self.training), self.config.accumulate)
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
    images = min(VALIDATION_BATCH, query.validation)
    if query.trains_a_head:  # its features are computed once, like predictions, batch by batch; the head is small
        largest = profile_in(
            network, query.shape, setting.but(batch_size=max(images, setting.batch_size), accumulate=1)
        )
        return largest.inference_peak_bytes, largest.inference_peak_bytes
    step = profile_in(network, query.shape, setting)
    check = profile_in(network, query.shape, setting.but(batch_size=images, accumulate=1))
    mirrored = check.input_bytes if query.config.test_flip else 0
    average = step.parameter_bytes + step.buffer_bytes if query.config.ema else 0
    waiting = step.gradient_bytes + step.optimizer_bytes  # during validation
    return step.training_peak_bytes + average, check.inference_peak_bytes + waiting + average + mirrored


def needed(query: MemoryQuery) -> int:
    """The larger of the two. Raises: as `peaks`."""
    return max(peaks(query))


@computation_gate.cached(max_entries=64)
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
    try:
        return needed(query_of(path, view.config, view.size, kernels_of(view)))
    except PlaygroundError:
        return None


def kernels_of(view: RunView) -> str:
    """Whose kernels compute a run."""
    return "cpu" if view.device == "cpu" else "cuda"


def query_of(path: Path, config: TrainConfig, size: int, kernels: str) -> MemoryQuery:
    """The query for a recipe on decoded images. Runs on more images than fill a batch are alike."""
    training, validation, *_ = map(len, parts_of(path, config))
    fills = min(training, config.batch_size), min(validation, VALIDATION_BATCH)
    return MemoryQuery(counted(config), len(decoded(path).classes), size, kernels, *fills)


def counted(config: TrainConfig) -> TrainConfig:
    """The recipe with all that its memory does not depend on at its default: recipes that need as much are equal."""
    return dataclasses.replace(config, **{name: getattr(DEFAULTS, name) for name in UNCOUNTED})


def check(source: Source, size: int, config: TrainConfig, device: devices.TrainingDevice) -> str:
    """What the run needs and whether that fits, in a sentence; empty while the images are not decoded yet.

    Raises: PlaygroundError if it does not fit.
    """
    path = job_manager().decoded_file(source, size)
    if not path.exists():
        return ""
    data = decoded(path)
    query = query_of(path, config, size, device.kernels)
    training, images = needed(query), needed_bytes(len(data), size)
    free = Device(device.title, device.free_bytes, device.kernels)
    judged = verdict(training + images, free)
    if device.memory_bytes and not judged.fits:
        raise PlaygroundError(_refusal(query, judged, images))
    return text.needed_sentence(training, device.kernels, device.free_bytes if device.memory_bytes else None)


def _refusal(query: MemoryQuery, judged: Verdict, images: int) -> str:
    free = judged.device
    ways = suggestions(query, max(0, budget_bytes(free) - images))
    help = "; ".join(ways) if ways else "a smaller network, a smaller batch size or smaller images"
    return (
        f"This run needs at least {units.decimal(judged.least_bytes)} of memory: its tensors about "
        f"{units.decimal(judged.peak_bytes)}, within {percent(PEAK_ERROR, 0)}, and PyTorch the rest. "
        f"{units.decimal(free.memory_bytes)} are free on the device "
        f"({free.title}). What would make it fit: {help}."
    )
