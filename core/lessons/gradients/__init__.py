"""A real network, as deep as one likes, on a real batch: what reaches each layer forward, and what comes back."""

from core.lessons.gradients.layer_statistics import BINS, SPREAD, Layers, bound, dead_share, inspect, measure
from core.lessons.gradients.network import (
    BATCH,
    LOSSES,
    NORMS,
    Deep,
    Layer,
    Network,
    batches,
    build,
    differences,
    digits,
    loss_of,
)
from core.lessons.gradients.presets import LOOKS, PRESETS, Story
from core.lessons.gradients.training import Step, train, train_both

__all__ = [
    "BATCH",
    "BINS",
    "LOOKS",
    "LOSSES",
    "NORMS",
    "PRESETS",
    "SPREAD",
    "Deep",
    "Layer",
    "Layers",
    "Network",
    "Step",
    "Story",
    "batches",
    "bound",
    "build",
    "dead_share",
    "differences",
    "digits",
    "inspect",
    "loss_of",
    "measure",
    "train",
    "train_both",
]
