"""After a run: its predictions and the evidence for them, what looks mislabelled, the test set, and downloads.

Each tab is a file in `tabs` and one entry in `TABS`; only the open one is computed. Images without a class have a tab
where a dataset came with some.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import streamlit as st

from core.errors import DataError
from core.jobs.run_state import RunView
from playground import lesson
from playground.training.evaluation.inspect_link import address_of
from playground.training.evaluation.run_artifacts import RunArtifacts, artifacts_of
from playground.training.evaluation.tabs import (
    confusion_matrix,
    export,
    feature_maps,
    label_errors,
    predictions,
    testset,
    try_an_image,
    unlabelled,
)
from playground.training.evaluation.tabs.quality import calibration, embedding, thresholds

TABS: dict[str, Callable[[RunArtifacts], None]] = {
    "Predictions": predictions.show,
    "Confusion matrix": confusion_matrix.show,
    "Thresholds": thresholds.show,
    "Calibration": calibration.show,
    "Embedding": embedding.show,
    "Try an image": try_an_image.show,
    "Feature maps": feature_maps.show,
    "Label errors": label_errors.show,
    "Test set": testset.show,
    "Download": export.show,
}


def results(view: RunView) -> None:
    """What the trained network predicts, and why; nothing for a run that left no network."""
    run = artifacts_of(view)
    if run is not None:
        lesson.subheader("Results")
        _offer_inspection(run)
        _tabs(run)


def _offer_inspection(run: RunArtifacts) -> None:
    """The page that shows the whole network, at the image with the largest loss."""
    address = None
    with contextlib.suppress(DataError):  # the tabs say of damaged predictions what to do
        address = address_of(run, run.predictions[0].index) if run.predictions else None
    if address:
        help_ = "All its feature maps, and the sum behind each cell, for the image with the largest loss."
        st.link_button("Inspect this network", address, help=help_, icon=":material/visibility:")


def shared_tabs(run: RunArtifacts, offers_files: bool) -> None:
    """What somebody else sees of a run: nothing that computes in its owner's name, and no more than is allowed."""
    figures = dict.fromkeys(("Confusion matrix", "Thresholds", "Calibration"), True)
    allowed = {"Predictions": run.shows_images, "Download": offers_files} | figures
    tabs = {title: show for title, show in TABS.items() if allowed.get(title, False)}
    for show in lesson.open_tab(tabs, "after-tab"):
        with lesson.friendly():
            show(run)


@lesson.fragment
def _tabs(run: RunArtifacts) -> None:
    tabs = TABS | ({unlabelled.TITLE: unlabelled.show} if unlabelled.count_of(run.view.source) else {})
    for show in lesson.open_tab(tabs, "after-tab"):
        with lesson.friendly():
            show(run)
