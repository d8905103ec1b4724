"""The mean image of each class, and the accuracy of a classifier that knows nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from core.datasets import ImageDataset
from core.datasets.inspecting.baseline import nearest_mean_accuracy
from core.percent import percent
from core.training import TrainConfig
from playground import computation_gate
from playground.charts.training import CaptionedImage, cards, thumbnail
from playground.training.data.tabs.splits import key_of, parts_of
from playground.training.pictures import decoded

MANY, FIRST = 24, 11  # classes that have a mean each; of more than that, those shown until somebody chooses


@computation_gate.cached(32, "Averaging all images …")
def mean_cards(path: Path, labels: tuple[int, ...]) -> list[CaptionedImage]:
    """The mean of all images, and of each of some classes."""
    data = decoded(path)
    means = {"all": data.mean_image()}
    means |= {data.classes[label]: data.mean_image(label) for label in labels}
    return [
        CaptionedImage(thumbnail(np.rint(mean.permute(1, 2, 0).numpy()).astype(np.uint8)), name)
        for name, mean in means.items()
    ]


@st.cache_data(max_entries=32, show_spinner="Comparing with the class means …", hash_funcs={TrainConfig: key_of})
@computation_gate.in_turn
def baseline(path: Path, config: TrainConfig) -> float:
    """Share of validation images that are nearest to their own class's mean."""
    train, val, *_ = parts_of(path, config)
    return nearest_mean_accuracy(decoded(path), train, val)


def _labels(data: ImageDataset) -> tuple[int, ...]:
    """The classes shown: all, or some of many."""
    every = range(len(data.classes))
    if len(every) <= MANY:
        return tuple(every)
    options = {"format_func": data.classes.__getitem__, "max_selections": MANY, "key": "training-means"}
    return tuple(st.multiselect("Classes", every, list(every[:FIRST]), **options))


def means(path: Path, data: ImageDataset, config: TrainConfig) -> None:
    """Mean images, and the accuracy of a comparison with them."""
    st.html(cards(mean_cards(path, _labels(data)), side=104))
    share, guess = baseline(path, config), 1 / len(data.classes)
    st.markdown(
        f"A nearest-class-mean classifier (means of the training images) reaches **{percent(share)}** validation "
        f"accuracy; guessing {percent(guess)}. A network has to beat that."
    )
    st.caption("What all images of a class share stays sharp in its mean; what varies is blurred.")
