"""Decoded images, for all parts of the training page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.datasets import ImageDataset, load
from core.jobs.job_spec import Source
from core.jobs.storage.decoded_images import open_decoded
from playground.charts.training import CaptionedImage, cards, thumbnail
from playground.job_manager import job_manager

SAMPLES = 12


@st.cache_resource(max_entries=24, show_spinner=False)
def decoded(path: Path) -> ImageDataset:
    """Decoded images, read from disk as they are used. Nobody writes to them."""
    return open_decoded(path)


@st.cache_data(max_entries=32, show_spinner=False)
def first_images(name: str, size: int, count: int = SAMPLES) -> list[CaptionedImage]:
    """A few images of a dataset by name: there at once, before the whole dataset is."""
    return samples(load(name, size, limit=max(count, SAMPLES)), count)


def samples(data: ImageDataset, count: int = SAMPLES) -> list[CaptionedImage]:
    """Some of the dataset, the classes taking turns."""
    return labelled(data, data.examples(count))


def labelled(data: ImageDataset, indices: Sequence[int]) -> list[CaptionedImage]:
    """Images of the dataset with their classes under them."""
    return [CaptionedImage(shown(data, index), data.classes[int(data.labels[index])]) for index in indices]


def shown(data: ImageDataset, index: int) -> str:
    return thumbnail(data.images[index].permute(1, 2, 0).numpy())


def show_samples(source: Source, size: int) -> None:
    """Samples of the dataset; one with a name has them before it is decoded."""
    path = job_manager().decoded_file(source, size)
    if path.exists():
        st.html(cards(samples(decoded(path)), side=88))
    elif source.is_named:
        st.html(cards(first_images(source.name, size), side=88))
