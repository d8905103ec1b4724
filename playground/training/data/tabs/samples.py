"""Nine pictures with their labels, and how many there are of each class."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.datasets import Pictures
from core.training import TrainConfig
from playground.charts.datasets import class_bars
from playground.charts.training import cards
from playground.escaping import literal
from playground.training.pictures import labelled

NINE = 9
SEED = "training samples seed"  # in the session's state


def samples(path: Path, pictures: Pictures, config: TrainConfig) -> None:
    """Nine samples beside the balance of the classes."""
    left, right = st.columns([1.1, 1], gap="large")
    with left:
        seed = st.session_state.get(SEED, 0)
        st.html(
            f'<div style="max-width:21rem">{cards(labelled(pictures, pictures.examples(NINE, seed)), side=88)}</div>'
        )
        st.button("Nine others", icon=":material/shuffle:", on_click=_others, key="training-others")
    with right:
        _balance(pictures)


def _others() -> None:
    st.session_state[SEED] = st.session_state.get(SEED, 0) + 1


def _balance(pictures: Pictures) -> None:
    counts = pictures.class_counts
    st.markdown("**Pictures of each class**")
    st.html(class_bars(counts))
    largest = max(counts, key=counts.__getitem__)
    share = counts[largest] / len(pictures)
    st.caption(
        f"Always answering “{literal(largest)}” would be right for {share:.1%} of them, without looking. "
        f"Pure guessing is right for {1 / len(counts):.1%}."
    )
