"""The confusion matrix after every epoch, with a slider that follows the newest until it is moved."""

from __future__ import annotations

from collections.abc import Sequence

from core.training.events import Epoch
from playground.components import bundle

_mount = bundle.component("confusion_history")
MOST_CELLS = 6000  # of all matrices together: what travels several times a second


def thinned(epochs: Sequence[Epoch], classes: int) -> list[Epoch]:
    """As many epochs, equally spaced and always the last, as have at most `MOST_CELLS` cells together."""
    most = max(2, MOST_CELLS // classes**2)
    bundle_size = -(-len(epochs) // most)
    return list(epochs[::-1][::bundle_size][::-1])


def confusion_history(done: Sequence[Epoch], classes: Sequence[str], key: str) -> None:
    """Validation images by their true class (row) and their predicted class (column), through time."""
    shown = [
        {"epoch": epoch.epoch, "accuracy": epoch.val_accuracy, "confusion": list(epoch.confusion)}
        for epoch in thinned(done, len(classes))
    ]
    _mount(data={"classes": list(classes), "epochs": shown}, key=key)
