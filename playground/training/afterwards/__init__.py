"""After a run: its answers, where it looked for them, what looks mislabelled, the test set, and files to take home.

Each tab is a file in `tabs` and one entry in `TABS`; only the open one is computed.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.jobs.run_state import RunView
from playground import lesson
from playground.training.afterwards.left import Left, left_by
from playground.training.afterwards.tabs import answers, inside, own, suspects, takehome, testset, whom

TABS: dict[str, Callable[[Left], None]] = {
    "Answers": answers.show,
    "Confusion matrix": whom.show,
    "A picture of your own": own.show,
    "Inside": inside.show,
    "Suspicious labels": suspects.show,
    "Test set": testset.show,
    "Download": takehome.show,
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
