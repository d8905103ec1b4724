"""How a set is divided: some to learn from, some to check by, some for the end; copies never on two sides."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
import torch
from torch import Tensor

from core.datasets import Pictures
from core.training import TrainConfig, split_of
from playground.charts.datasets import division_bars
from playground.charts.training import cards
from playground.training.pictures import decoded, labelled

PARTS = ("training", "validation", "test")
SHOWN = 7


Key = tuple[float, float, int]  # what a division depends on: share for validation, share for the test, seed


def key_of(config: TrainConfig) -> Key:
    """The part of a recipe that divides: the other sliders need not wait for a division."""
    return config.val_share, config.test_share, config.split_seed


def parts_of(path: Path, config: TrainConfig) -> tuple[Tensor, ...]:
    """Places of the training, validation and (if the recipe has one) test pictures, as the trainer divides them."""
    return parts_by(path, key_of(config))


@st.cache_resource(max_entries=64, show_spinner=False)
def parts_by(path: Path, key: Key) -> tuple[Tensor, ...]:
    """The same by key; nobody writes to it."""
    val_share, test_share, split_seed = key
    config = TrainConfig(val_share=val_share, test_share=test_share, split_seed=split_seed)
    return tuple(part for part in split_of(config, decoded(path)) if len(part))


def division(path: Path, pictures: Pictures, config: TrainConfig) -> None:
    """A bar a class, some pictures of each part, and the proof that nothing leaks."""
    parts = parts_of(path, config)
    names = PARTS[: len(parts)]
    counts = [torch.bincount(pictures.labels[part], minlength=len(pictures.classes)).tolist() for part in parts]
    st.html(division_bars(dict(zip(pictures.classes, zip(*counts, strict=True), strict=True)), names))
    st.markdown(_sentence(pictures, parts, config))
    for name, part in zip(names, parts, strict=True):
        st.markdown(f"**{name.capitalize()}**: {min(SHOWN, len(part))} of {len(part):,}")
        st.html(cards(labelled(pictures, part[:: max(1, len(part) // SHOWN)][:SHOWN].tolist()), side=72))


def leaks(pictures: Pictures, parts: tuple[Tensor, ...]) -> int:
    """Groups of copies that lie on more than one side."""
    homes = [set(pictures.groups[part].tolist()) for part in parts]
    return sum(map(len, homes)) - len(set().union(*homes))


def _sentence(pictures: Pictures, parts: tuple[Tensor, ...], config: TrainConfig) -> str:
    sizes = torch.bincount(pictures.groups)
    copied, groups = int(sizes[sizes > 1].sum()), int((sizes > 1).sum())
    together = f"{copied:,} pictures are copies in {groups:,} groups. " if groups else "There are no copies. "
    count = leaks(pictures, parts)
    told = "No picture, and no copy of one, is on two sides." if not count else f"{count} groups are on two sides."
    return f"Each class is divided by itself, by dice with seed {config.split_seed}. {together}{told}"
