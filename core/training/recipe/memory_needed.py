"""The memory that a recipe needs, from profiles of its network, and what would lower it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from torch import nn

from core.errors import PlaygroundError
from core.profiler import Setting, profile_in
from core.profiler.fitting import Suggestion, suggest
from core.training.loop import VALIDATION_BATCH
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import network_of, on_meta, options_of

UNBOUNDED = 1 << 20
ADJUSTABLE = ("batch", "precision", "accumulation", "optimizer", "input")  # what a recipe has a setting for


@dataclass(frozen=True)
class MemoryQuery:
    """All that the memory of a run depends on, except the images themselves. A key for caches."""

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
        return Setting(
            batch_size,
            config.optimizer,
            config.precision,
            "cross_entropy",
            channels_last=config.channels_last,
            accumulate=config.accumulate,
            device=self.kernels,
        )

    def network(self) -> nn.Module:
        """The network without memory, in training mode."""
        return on_meta(self.config.network, self.classes, self.size, options_of(self.config)).train()

    @property
    def trains_a_head(self) -> bool:
        """Whether all but the last layer is frozen: then most of the network only predicts."""
        return network_of(self.config.network).body is not None


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


def remedies(query: MemoryQuery, budget: int) -> tuple[tuple[str, int], ...]:
    """What would make it fit into `budget` bytes, the least costly first, each with its peak in bytes."""
    try:
        suggested = suggest(query.network(), query.shape, query.setting(), budget)
    except PlaygroundError:  # the network itself does not fit the images
        return ()
    after = {suggestion.title: _after(query, suggestion) for suggestion in suggested if suggestion.kind in ADJUSTABLE}
    return tuple((title, peak) for title, peak in after.items() if peak <= budget)


def _after(query: MemoryQuery, suggestion: Suggestion) -> int:
    """The peak with a suggestion. All but a smaller image size leave validation as it is."""
    if suggestion.kind == "input":
        return max(peaks(dataclasses.replace(query, size=suggestion.input_shape[-1])))
    return max(suggestion.peak_bytes, peaks(query)[1])
