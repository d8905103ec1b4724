"""Tabs on a dataset before a run. Only the open one is computed. A new one is one entry in `TABS`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.datasets import ImageDataset
from core.training import TrainConfig
from playground import lesson
from playground.training.data.tabs.class_means import means
from playground.training.data.tabs.cleaning import cleaning
from playground.training.data.tabs.samples import samples
from playground.training.data.tabs.splits import split
from playground.training.pictures import decoded

# title -> what draws it, of which `path` stands for the content
TABS: dict[str, Callable[[Path, ImageDataset, TrainConfig], None]] = {
    ":material/grid_view: Samples": samples,
    ":material/cleaning_services: Cleaning": cleaning,
    ":material/call_split: Split": split,
    ":material/blur_on: Mean images": means,
}


def show(path: Path, config: TrainConfig) -> None:
    """The tabs, of which the open one is filled."""
    for draw in lesson.open_tab(TABS, "training-look"):
        draw(path, decoded(path), config)
