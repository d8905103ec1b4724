"""After a run: its answers, where it looked for them, what looks mislabelled, the test set, and files to take home.

Each tab is a file in `tabs` and one entry in `TABS`; only the open one is computed.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.jobs.run_state import RunView
from playground import lesson
from playground.training.evaluation.run_artifacts import Left, left_by
from playground.training.evaluation.tabs import (
    confusion_matrix,
    export,
    feature_maps,
    label_errors,
    predictions,
    testset,
    try_an_image,
)

TABS: dict[str, Callable[[Left], None]] = {
    "Answers": predictions.show,
    "Confusion matrix": confusion_matrix.show,
    "A picture of your own": try_an_image.show,
    "Inside": feature_maps.show,
    "Suspicious labels": label_errors.show,
    "Test set": testset.show,
    "Download": export.show,
}


def results(view: RunView) -> None:
    """What the trained network does and where it looks; nothing for a run that left no network."""
    left = left_by(view)
    if left is not None:
        st.subheader("What it has learnt", anchor=False)
        _tabs(left)


@st.fragment
def _tabs(left: Left) -> None:
    for tab, show in zip(st.tabs(list(TABS), key="after-tab", on_change="rerun"), TABS.values(), strict=True):
        if tab.open:
            with tab, lesson.friendly():
                show(left)
