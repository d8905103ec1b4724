"""Nine images with their labels, and how many there are per class."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.datasets import ImageDataset
from core.percent import percent
from core.training import TrainConfig
from playground.charts.datasets import class_bars
from playground.charts.training import cards
from playground.escaping import literal
from playground.markup import element
from playground.training.pictures import labelled

NINE = 9
SEED = "training samples seed"  # in the session's state


def samples(path: Path, data: ImageDataset, config: TrainConfig) -> None:
    """Nine samples beside the balance of the classes."""
    left, right = st.columns([1.1, 1], gap="large")
    with left:
        seed = st.session_state.get(SEED, 0)
        st.html(element("div", cards(labelled(data, data.examples(NINE, seed)), side=88), style="max-width:21rem"))
        st.button("Nine more", icon=":material/shuffle:", on_click=_next_seed, key="training-others")
    with right:
        _balance(data)


def _next_seed() -> None:
    st.session_state[SEED] = st.session_state.get(SEED, 0) + 1


def _balance(data: ImageDataset) -> None:
    counts = data.class_counts
    st.markdown("**Images per class**")
    st.html(class_bars(counts))
    largest = max(counts, key=counts.__getitem__)
    share = counts[largest] / len(data)
    st.caption(
        f"Always predicting “{literal(largest)}” would be right for {percent(share)} of them, random guessing "
        f"for {percent(1 / len(counts))}."
    )
