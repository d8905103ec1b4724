"""Decoded pictures, for whatever part of the training page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.datasets import Pictures, load
from core.jobs.job_spec import Source
from core.jobs.storage.decoded_images import open_decoded
from playground.charts.training import Card, cards, thumbnail
from playground.job_manager import job_manager

SAMPLES = 12


@st.cache_resource(max_entries=24, show_spinner=False)
def decoded(path: Path) -> Pictures:
    """Decoded pictures, read from disk as they are looked at. Nobody writes to them."""
    return open_decoded(path)


@st.cache_data(max_entries=32, show_spinner=False)
def first_pictures(name: str, size: int, count: int = SAMPLES) -> list[Card]:
    """A few pictures of a set by name: there at once, before the whole set is."""
    return samples(load(name, size, limit=max(count, SAMPLES)), count)


def samples(pictures: Pictures, count: int = SAMPLES) -> list[Card]:
    """Some of the set, the classes taking turns."""
    return labelled(pictures, pictures.examples(count))


def labelled(pictures: Pictures, places: Sequence[int]) -> list[Card]:
    """Pictures of the set with their classes under them."""
    return [Card(shown(pictures, place), pictures.classes[int(pictures.labels[place])]) for place in places]


def shown(pictures: Pictures, place: int) -> str:
    """One picture of the set, for a card."""
    return thumbnail(pictures.images[place].permute(1, 2, 0).numpy())


def look(source: Source, size: int) -> None:
    """Samples of the set; one that everybody knows has them before it is decoded."""
    path = job_manager().decoded_file(source, size)
    if path.exists():
        st.html(cards(samples(decoded(path)), side=88))
    elif source.is_named:
        st.html(cards(first_pictures(source.name, size), side=88))
