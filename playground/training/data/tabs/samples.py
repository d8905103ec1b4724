"""Some images with their labels, and what guessing would reach."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.datasets import ImageDataset
from core.percent import percent
from core.training import TrainConfig
from playground.charts.training import cards
from playground.escaping import literal
from playground.training.pictures import labelled

SHOWN = 12
SEED = "training samples seed"  # in the session's state


def samples(path: Path, data: ImageDataset, config: TrainConfig) -> None:
    """Twelve samples, and the accuracy of guessing."""
    seed = st.session_state.get(SEED, 0)
    st.html(cards(labelled(data, data.examples(SHOWN, seed)), side=88))
    st.button("Other samples", icon=":material/shuffle:", on_click=_next_seed, key="training-others")
    counts = data.class_counts
    largest = max(counts, key=counts.__getitem__)
    share = counts[largest] / len(data)
    st.caption(
        f"Always predicting “{literal(largest)}” would be right for {percent(share)} of all images, random guessing "
        f"for {percent(1 / len(counts))}."
    )


def _next_seed() -> None:
    st.session_state[SEED] = st.session_state.get(SEED, 0) + 1
