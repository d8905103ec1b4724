"""The mean picture of each class, and how far it alone carries."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from core.datasets import Pictures
from core.datasets.inspecting.baseline import nearest_mean_accuracy
from core.training import TrainConfig
from playground.charts.training import Card, cards, thumbnail
from playground.training.data.tabs.splits import Key, key_of, parts_by
from playground.training.pictures import decoded


@st.cache_data(max_entries=32, show_spinner="Adding up all pictures …")
def mean_cards(path: Path) -> list[Card]:
    """The mean of all pictures, and of each class."""
    pictures = decoded(path)
    means = {"all": pictures.mean_picture()}
    means |= {name: pictures.mean_picture(label) for label, name in enumerate(pictures.classes)}
    return [
        Card(thumbnail(np.rint(mean.permute(1, 2, 0).numpy()).astype(np.uint8)), name) for name, mean in means.items()
    ]


@st.cache_data(max_entries=32, show_spinner="Comparing with the means …")
def baseline(path: Path, key: Key) -> float:
    """Share of validation pictures that are nearest to their own class's mean."""
    train, val, *_ = parts_by(path, key)
    return nearest_mean_accuracy(decoded(path), train, val)


def means(path: Path, pictures: Pictures, config: TrainConfig) -> None:
    """Mean pictures, and the accuracy of a comparison with them."""
    st.html(cards(mean_cards(path), side=104))
    share, guess = baseline(path, key_of(config)), 1 / len(pictures.classes)
    st.markdown(
        f"Taking each validation picture for the class whose mean (of the training pictures) is nearest is right for "
        f"**{share:.1%}**; guessing for {guess:.1%}. A network has to beat that."
    )
    st.caption("What all pictures of a class share stays sharp in its mean; what moves about or changes turns to fog.")
