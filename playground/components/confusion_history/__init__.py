"""The confusion matrix after every epoch, with a slider that follows the newest until somebody takes it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from core.training.events import Epoch
from playground.charts.theme import DATA_SCALE
from playground.components import bundle

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "confusion_history",
    js=bundle.script(_HERE / "confusion_history.js", {"DATA_SCALE": DATA_SCALE}),
    css=bundle.style(_HERE / "confusion_history.css"),
)
MOST_CELLS = 6000  # of all matrices together: what travels several times a second


def kept(epochs: Sequence[Epoch], classes: int) -> list[Epoch]:
    """So many of the epochs, evenly and the last one always, that their matrices are not too much to send."""
    most = max(2, MOST_CELLS // classes**2)
    bundle_size = -(-len(epochs) // most)
    return list(epochs[::-1][::bundle_size][::-1])


def epochs(done: Sequence[Epoch], classes: Sequence[str], key: str) -> None:
    """Validation pictures by their true class (row) and what the network took them for (column), through time."""
    shown = [{"epoch": e.epoch, "accuracy": e.val_accuracy, "confusion": e.confusion} for e in kept(done, len(classes))]
    _mount(data={"classes": list(classes), "epochs": shown}, key=key)
