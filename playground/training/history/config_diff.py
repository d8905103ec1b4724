"""What runs have in common and in what they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from core.datasets.layout_report import corrections
from core.jobs.job_spec import Source
from core.jobs.run_state import RunView
from core.knobs import knobs_of
from core.percent import percent
from core.training import NETWORKS, Done, TrainConfig
from playground.training.recipe import label_of

DATASET, SIZE = "Dataset", "Image size"


def numbered(views: Sequence[RunView]) -> dict[str, RunView]:
    """Runs that have figures to show, by name, the newest first as given; numbers count from the oldest."""
    finished = [view for view in views if view.is_over and view.epochs]
    return {f"Run {len(finished) - number}": view for number, view in enumerate(finished)}


def settings(view: RunView) -> dict[str, object]:
    """Everything that the run depended on, by name as people read it."""
    config = {name: getattr(view.config, name) for name in knobs_of(TrainConfig)}
    config["network"] = network_title(view.config.network)
    return {DATASET: dataset_title(view.source), SIZE: view.size} | {
        label_of(name): value for name, value in config.items()
    }


def dataset_title(source: Source) -> str:
    """What a dataset is called, and how its reading was corrected.

    >>> dataset_title(Source("pets.zip", path="p", layout="split=redraw"))
    'pets.zip (split redrawn)'
    """
    said = corrections(source.choice)
    return f"{source.title} ({said})" if said else source.title


def differing(views: Sequence[RunView]) -> tuple[str, ...]:
    """Names of the settings that are not the same in all of these runs."""
    columns = [settings(view) for view in views]
    return tuple(name for name in columns[0] if any(other[name] != columns[0][name] for other in columns[1:]))


def comparison(runs: Mapping[str, RunView]) -> pd.DataFrame:
    """A row per setting that differs and per result, a column per run; every cell as text."""
    views = list(runs.values())
    rows = {name: [as_text(settings(view)[name]) for view in views] for name in differing(views)}
    for name, result in RESULTS.items():
        rows[name] = [result(view) for view in views]
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(runs))


def parallel_axes(runs: Mapping[str, RunView]) -> dict[str, list[object]]:
    """For parallel coordinates: the runs, each setting that differs and each result, with its value in every run.

    Empty where fewer than two runs came to their end.
    """
    views = {name: view for name, view in runs.items() if view.done and not view.done.has_diverged}
    if len(views) < 2:
        return {}
    axes: dict[str, list[object]] = {"Run": list(views)}
    axes |= {name: [settings(view)[name] for view in views.values()] for name in differing(list(views.values()))}
    results = [view.done for view in views.values()]
    return axes | {
        "Validation accuracy (%)": [round(100 * done.val_accuracy, 1) for done in results],
        "Validation loss": [round(done.val_loss, 3) for done in results],
        "Training time (s)": [round(done.seconds, 1) for done in results],
    }


def _figure(view: RunView, of: Callable[[Done], str]) -> str:
    """A result of a run; a network whose loss became NaN or infinite has none."""
    if view.done is None:
        return "–"
    return "diverged" if view.done.has_diverged else of(view.done)


RESULTS = {
    "Validation accuracy": lambda view: _figure(view, lambda done: percent(done.val_accuracy)),
    "Validation loss": lambda view: _figure(view, lambda done: f"{done.val_loss:.3f}"),
    "Epochs trained": lambda view: str(len(view.epochs)),
    "Training time (s)": lambda view: f"{view.done.seconds:.1f}" if view.done else "–",
}


def as_text(value: object) -> str:
    """
    >>> as_text(True), as_text(0.0005), as_text("AdamW")
    ('yes', '0.0005', 'AdamW')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def network_title(network: str) -> str:
    """A network in one line: its name, or the text of one's own."""
    return network if network in NETWORKS else " ".join(network.split())
