"""Closer looks at a set before a run. Only the open one is computed. A new one is one entry in `TABS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.datasets import Pictures
from core.training import TrainConfig
from playground.training.data.tabs.class_means import means
from playground.training.data.tabs.cleaning import cleaning
from playground.training.data.tabs.samples import samples
from playground.training.data.tabs.splits import division
from playground.training.pictures import decoded


@dataclass(frozen=True)
class Tab:
    """A closer look: its title, and what draws it. `draw(path, pictures, config)`; `path` stands for the content."""

    title: str
    draw: Callable[[Path, Pictures, TrainConfig], None]


TABS = (
    Tab(":material/grid_view: Samples", samples),
    Tab(":material/cleaning_services: Cleaning", cleaning),
    Tab(":material/call_split: Division", division),
    Tab(":material/blur_on: Mean pictures", means),
)


def show(path: Path, config: TrainConfig) -> None:
    """The tabs, of which the open one is filled."""
    drawn = st.tabs([tab.title for tab in TABS], key="training-look", on_change="rerun")
    for place, tab in zip(drawn, TABS, strict=True):
        if place.open:
            with place:
                tab.draw(path, decoded(path), config)
