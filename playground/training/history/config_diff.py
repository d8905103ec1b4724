"""What runs have in common and in what they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from core.jobs.run_state import RunView
from core.knobs import knobs_of
from core.training import NETWORKS, TrainConfig

SET, SIDE = "pictures", "picture side"


def numbered(views: Sequence[RunView]) -> dict[str, RunView]:
    """Runs that have figures to show, by name, the newest first as given; numbers count from the oldest."""
    worth = [view for view in views if view.is_over and view.epochs]
    return {f"Run {len(worth) - place}": view for place, view in enumerate(worth)}


def settings(view: RunView) -> dict[str, object]:
    """Everything that the run depended on, by name as people read it."""
    config = {name: getattr(view.config, name) for name in knobs_of(TrainConfig)}
    config["network"] = network_title(view.config.network)
    return {SET: view.source.title, SIDE: view.size} | {spoken(name): value for name, value in config.items()}


def differing(views: Sequence[RunView]) -> tuple[str, ...]:
    """Names of the settings that are not the same in all of these runs."""
    columns = [settings(view) for view in views]
    return tuple(name for name in columns[0] if any(other[name] != columns[0][name] for other in columns[1:]))


def comparison(runs: Mapping[str, RunView]) -> pd.DataFrame:
    """A row for each setting that differs and for each result, a column a run; every cell as text."""
    views = list(runs.values())
    rows = {name: [written(settings(view)[name]) for view in views] for name in differing(views)}
    for name, result in RESULTS.items():
        rows[name] = [result(view) for view in views]
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(runs))


RESULTS = {
    "right on validation": lambda view: f"{view.done.val_accuracy:.1%}" if view.done else "–",
    "validation loss": lambda view: f"{view.done.val_loss:.3f}" if view.done else "–",
    "epochs done": lambda view: str(len(view.epochs)),
    "seconds of training": lambda view: f"{view.done.seconds:.1f}" if view.done else "–",
}


def written(value: object) -> str:
    """
    >>> written(True), written(0.0005), written("AdamW")
    ('yes', '0.0005', 'AdamW')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def spoken(name: str) -> str:
    """A setting's name as people read it."""
    return name.replace("_", " ")


def network_title(network: str) -> str:
    """A network in one line: its name, or the text of one's own."""
    return network if network in NETWORKS else " ".join(network.split())
