"""How a dataset is split into training, validation and test images, and whether copies are in two parts."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
import torch
from torch import Tensor

from core.datasets import ImageDataset
from core.datasets.inspecting.bundles import joined
from core.training import TrainConfig, split_of
from playground import units
from playground.charts.datasets import split_bars
from playground.charts.training import cards
from playground.training.pictures import decoded, labelled

PARTS = ("training", "validation", "test")
SHOWN = 7


def key_of(config: TrainConfig) -> tuple[float, float, int]:
    """The part of a recipe that the split depends on: other sliders do not compute it anew."""
    return config.val_share, config.test_share, config.split_seed


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={TrainConfig: key_of})
def parts_of(path: Path, config: TrainConfig) -> tuple[Tensor, ...]:
    """Indices of the training, validation and (if the recipe has one) test images, as the trainer splits them.

    Nobody writes to them.
    """
    return tuple(part for part in split_of(config, decoded(path)) if len(part))


def split(path: Path, data: ImageDataset, config: TrainConfig) -> None:
    """A bar per class, some images of each part, and whether copies lie in two of them."""
    parts = parts_of(path, config)
    names = PARTS[: len(parts)]
    counts = [torch.bincount(data.labels[part], minlength=len(data.classes)).tolist() for part in parts]
    st.html(split_bars(dict(zip(data.classes, zip(*counts, strict=True), strict=True)), names))
    st.markdown(_sentence(data, parts, config))
    for name, part in zip(names, parts, strict=True):
        st.markdown(f"**{name.capitalize()}**: {min(SHOWN, len(part))} of {len(part):,}")
        st.html(cards(labelled(data, part[:: max(1, len(part) // SHOWN)][:SHOWN].tolist()), side=72))


def leaks(data: ImageDataset, parts: tuple[Tensor, ...]) -> int:
    """Groups of copies that lie in more than one part."""
    copies = joined(data.groups, data.large_groups)
    groups = [set(copies[part].tolist()) for part in parts]
    return sum(map(len, groups)) - len(set().union(*groups))


def _sentence(data: ImageDataset, parts: tuple[Tensor, ...], config: TrainConfig) -> str:
    sizes = torch.bincount(joined(data.groups, data.large_groups))
    copied, groups = int(sizes[sizes > 1].sum()), int((sizes > 1).sum())
    duplicates = f"{units.counted(groups, 'group')} of duplicates ({copied:,} images)" if groups else "No duplicates"
    count = leaks(data, parts)
    leak = (
        f"{units.counted(count, 'group')} in two parts!" if count else "no image, and no copy of one, is in two parts."
    )
    return f"Stratified random split (each class separately), seed {config.split_seed}. {duplicates}; {leak}"
