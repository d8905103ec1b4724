"""How a dataset is split into training, validation and test images, and whether copies are in two parts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st
import torch
from torch import Tensor

from core.datasets import ImageDataset, LayoutChoice
from core.datasets.inspecting.bundles import joined
from core.datasets.layout.listing import SPLITS
from core.training import TrainConfig, split_of
from playground import units
from playground.charts.datasets import split_bars
from playground.charts.training import cards
from playground.training.data.words import split_sentence
from playground.training.pictures import decoded, labelled

PARTS = ("training", "validation", "test")
SHOWN = 7
BARS = 20  # classes that have a bar each


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
    _per_class(dict(zip(data.classes, zip(*counts, strict=True), strict=True)), names)
    st.markdown(_sentence(data, parts, config))
    for name, part in zip(names, parts, strict=True):
        st.markdown(f"**{name.capitalize()}**: {min(SHOWN, len(part))} of {len(part):,}")
        st.html(cards(labelled(data, part[:: max(1, len(part) // SHOWN)][:SHOWN].tolist()), side=72))


def _per_class(counts: dict[str, tuple[int, ...]], names: tuple[str, ...]) -> None:
    """A bar for each of a few classes, a row of a table for each of many."""
    if len(counts) <= BARS:
        st.html(split_bars(counts, names))
        return
    rows = [(name, *numbers, sum(numbers)) for name, numbers in counts.items()]
    columns = ["Class", *(name.capitalize() for name in names), "Images"]
    alt = "Images of each class in each part of the split."
    st.dataframe(pd.DataFrame(rows, columns=columns), hide_index=True, height=290, alt=alt)


def given_parts(data: ImageDataset) -> list[str]:
    """The splits to which folders or a table assign images: of "train", "validation" and "test"."""
    numbers = set() if data.given_split is None else set(data.given_split.tolist())
    return [name for number, name in enumerate(SPLITS) if number in numbers]


def leaks(data: ImageDataset, parts: tuple[Tensor, ...]) -> int:
    """Groups of copies that lie in more than one part."""
    copies = joined(data.groups, data.large_groups)
    groups = [set(copies[part].tolist()) for part in parts]
    return sum(map(len, groups)) - len(set().union(*groups))


def _sentence(data: ImageDataset, parts: tuple[Tensor, ...], config: TrainConfig) -> str:
    sizes = torch.bincount(joined(data.groups, data.large_groups))
    copied, groups = int(sizes[sizes > 1].sum()), int((sizes > 1).sum())
    duplicates = f"{units.counted(groups, 'group')} of duplicates ({copied:,} images)" if groups else "No duplicates"
    count, given = leaks(data, parts), given_parts(data)
    how = (
        split_sentence(given, LayoutChoice(), len(parts) > 2)
        if given
        else "Stratified random split (each class separately)"
    )
    seed = "" if given and len(given) == len(parts) else f", seed {config.split_seed}"
    leak = (
        f"{units.counted(count, 'group')} in two parts!" if count else "no image, and no copy of one, is in two parts."
    )
    return f"{how.rstrip('.')}{seed}. {duplicates}; {leak}"
