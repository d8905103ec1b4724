"""Tabs on a dataset before a run. Only the open one is computed. A new one is one entry in `TABS`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.datasets import ImageDataset
from core.training import TrainConfig
from playground.training.data.tabs.class_means import means
from playground.training.data.tabs.cleaning import cleaning
from playground.training.data.tabs.samples import samples
from playground.training.data.tabs.splits import split
from playground.training.pictures import decoded


@dataclass(frozen=True)
class DataTab:
    """Its title, and what draws it: `draw(path, data, config)`, where `path` stands for the content."""

    title: str
    draw: Callable[[Path, ImageDataset, TrainConfig], None]


TABS = (
    DataTab(":material/grid_view: Samples", samples),
    DataTab(":material/cleaning_services: Cleaning", cleaning),
    DataTab(":material/call_split: Split", split),
    DataTab(":material/blur_on: Mean images", means),
)


def show(path: Path, config: TrainConfig) -> None:
    """The tabs, of which the open one is filled."""
    containers = st.tabs([tab.title for tab in TABS], key="training-look", on_change="rerun")
    for container, tab in zip(containers, TABS, strict=True):
        if container.open:
            with container:
                tab.draw(path, decoded(path), config)
