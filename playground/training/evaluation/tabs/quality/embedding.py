"""The last features as a map: images that look alike to the network lie together, and wrong labels among others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
import torch

from core.percent import percent
from core.training.evaluation.embedding import (
    EMBEDDINGS,
    NEIGHBOURS,
    Embedding,
    last_features,
    neighbours_of_other_classes,
)
from core.training.results import Prediction
from playground import computation_gate, controls
from playground.charts.embedding import EmbeddedImages, scatter, selected_images
from playground.charts.threshold_curves import thinned
from playground.charts.training import cards
from playground.plotly_chart import plotly_chart
from playground.training.evaluation.inspect_link import prediction_card
from playground.training.evaluation.run_artifacts import RunArtifacts

MOST = 600  # images: t-SNE takes seconds for them
SHOWN = 18
CHART = "embedding"


def show(run: RunArtifacts) -> None:
    """The map; beside it the images chosen in it, at first those that stand out."""
    method = controls.side_by_side("Method", EMBEDDINGS, "ta-map")
    chosen = shown_predictions(run.predictions)
    embedding = points_of(run, method)
    others = others_of(run)
    images = EmbeddedImages(
        embedding.points,
        np.array([one.index for one in chosen]),
        np.array([one.label for one in chosen]),
        np.array([one.predicted for one in chosen]),
        others > NEIGHBOURS / 2,
        run.trained.classes,
    )
    st.caption(about(method, embedding, len(chosen), len(run.predictions)))
    alt = f"{method} of the last features of {len(chosen)} validation images, a colour for each class."
    left, right = st.columns([1.7, 1], gap="medium")
    with left:
        state = plotly_chart(
            scatter(images, axes_of(method, embedding)), CHART, alt, on_select="rerun", selection_mode=("points", "box")
        )
    with right:
        _pictures(run, chosen, selected_images(state, images.index.tolist()), others)


def _pictures(run: RunArtifacts, shown: Sequence[Prediction], selected: Sequence[int], others: np.ndarray) -> None:
    by_index = {one.index: one for one in shown}
    order = sorted(zip(others.tolist(), (one.index for one in shown), strict=True), key=lambda pair: -pair[0])
    suspects = [index for count, index in order if count > NEIGHBOURS / 2]
    if selected:
        st.markdown(f"**{len(selected):,}** chosen")
    else:
        st.markdown(f"**{len(suspects):,}** among images of other classes")
        st.caption(
            f"More than half of the {NEIGHBOURS} nearest images, by all features, have another label. Choose points, "
            "or drag over them, to see theirs."
        )
    if run.shows_images:
        st.html(cards([prediction_card(run, by_index[index]) for index in (selected or suspects)[:SHOWN]], side=92))


def shown_predictions(predicted: Sequence[Prediction]) -> list[Prediction]:
    """At most `MOST` of them, evenly spaced over the dataset, by their index."""
    ordered = sorted(predicted, key=lambda one: one.index)
    return [ordered[number] for number in thinned(ordered, MOST).tolist()]


@st.cache_resource(max_entries=8, show_spinner="Computing the features …")
@computation_gate.in_turn
def features_of(run: RunArtifacts) -> torch.Tensor:
    """The last features (N, F) of the images shown."""
    index = torch.tensor([one.index for one in shown_predictions(run.predictions)])
    return last_features(run.trained, run.data.images, index)


@st.cache_resource(max_entries=16, show_spinner="Arranging the images …")
@computation_gate.in_turn
def points_of(run: RunArtifacts, method: str) -> Embedding:
    """The images shown as points of the plane."""
    return EMBEDDINGS[method](features_of(run))


def others_of(run: RunArtifacts) -> np.ndarray:
    """How many of the nearest images of each have another label (N,)."""
    labels = torch.tensor([one.label for one in shown_predictions(run.predictions)])
    return neighbours_of_other_classes(features_of(run), labels).numpy()


def axes_of(method: str, embedding: Embedding) -> tuple[str, str]:
    """What stands at the axes: for principal components their share of the variance."""
    if not embedding.shares:
        return f"{method} 1", f"{method} 2"
    first, second = (f"component {number}" for number in (1, 2))
    shares = [*embedding.shares, 0.0]
    return f"{first} ({percent(shares[0])} of the variance)", f"{second} ({percent(shares[1])})"


def about(method: str, embedding: Embedding, shown: int, images: int) -> str:
    """What the map is, and what it does not say."""
    which = f"All {images:,} validation images" if shown == images else f"{shown:,} of {images:,} validation images"
    if embedding.shares:
        held = percent(sum(embedding.shares))
        return (
            f"{which}. These directions hold {held} of the variance of the last features. Crosses: predicted wrongly."
        )
    return (
        f"{which}. Neighbours in the last features stay neighbours; sizes of groups and distances between them mean "
        "nothing. Crosses: predicted wrongly."
    )
