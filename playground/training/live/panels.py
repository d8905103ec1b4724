"""Panels on a running network. Only the open one is drawn; a new one is one entry in `PANELS`."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.datasets import ImageDataset
from core.jobs.run_state import RunView
from core.percent import percent
from core.training import Snapshot, metrics
from playground import controls, lesson
from playground.charts import run_metrics
from playground.charts.run_metrics import MEASURES, USUAL
from playground.charts.training import CaptionedImage, cards
from playground.components.confusion_history import confusion_history
from playground.escaping import literal
from playground.job_manager import job_manager
from playground.training.class_tables import MANY, SHARE, TALL, confusion_table
from playground.training.memory import predicted_bytes
from playground.training.pictures import decoded, shown

POINTS = 240  # of the curves of resources


def show(view: RunView, shows_images: bool = True) -> None:
    """The open panel; without images those that have none."""
    panels = {title: draw for title, draw in PANELS.items() if shows_images or draw is not _predictions}
    for draw in lesson.open_tab(panels, "live-look"):
        draw(view)


def _predictions(view: RunView) -> None:
    """Some validation images with their present predictions."""
    if view.snapshot is None:
        st.caption("No predictions yet …")
        return
    data = decoded(job_manager().decoded_file(view.source, view.size))
    predicted = []
    for index, probabilities in zip(view.snapshot.watched, view.snapshot.probabilities, strict=True):
        best = max(range(len(probabilities)), key=probabilities.__getitem__)
        title = f"{data.classes[best]} {percent(probabilities[best])}"
        is_correct = best == int(data.labels[index])
        predicted.append(CaptionedImage(shown(data, index), title, probabilities[best], is_correct))
    st.caption(f"Validation images and their predictions after step {view.snapshot.step:,}:")
    st.html(cards(predicted, side=88))
    _highest_loss(view.snapshot, data)


def _highest_loss(snapshot: Snapshot, data: ImageDataset) -> None:
    """The loss of the watched image with the lowest probability of its true class."""
    labels = [int(data.labels[index]) for index in snapshot.watched]
    true = [row[label] for row, label in zip(snapshot.probabilities, labels, strict=True)]
    hardest = min(range(len(true)), key=true.__getitem__)
    if true[hardest] > 0:
        probability, loss = metrics.matching_digits(true[hardest])
        name = data.classes[labels[hardest]]
        st.caption(f"No. {hardest + 1} has the highest loss, with p(“{literal(name)}”) = {probability}:")
        lesson.formula(metrics.cross_entropy, rf"-\ln {probability} = {loss}", LEGEND)


LEGEND = r"$L$ = cross-entropy loss of one image, $p_\text{true}$ = predicted probability of its true class"


def _layer_updates(view: RunView) -> None:
    """How large each layer's updates or gradients are, over time."""
    if not view.snapshots:
        st.caption("Layer updates are measured up to four times per epoch …")
        return
    what = controls.side_by_side("What", MEASURES, "live-measure", label_visibility="collapsed")
    chart = run_metrics.layer_heat_map(view.snapshots, view.began.steps, MEASURES[what])
    alt = f"{what} of each layer over the steps of the run"
    st.vega_lite_chart(chart.data, chart.spec, key=f"movement-{what}", alt=alt)
    st.caption(_ABOUT[what])


_ABOUT = {
    "Updates": f"Update size relative to the weights (‖ΔW‖ / ‖W‖) per step. About {USUAL:g} (white) is healthy; blue: "
    "hardly learning; orange: unstable.",
    "Gradients": "Norm of each layer's gradient. If it shrinks from row to row towards the first layer, the gradient "
    "vanishes on its way back; if it grows, it explodes.",
}


def _confusion_by_epoch(view: RunView) -> None:
    if not view.epochs:
        st.caption("The first epoch is not finished yet …")
        return
    data = decoded(job_manager().decoded_file(view.source, view.size))
    if len(data.classes) > MANY:
        newest = view.epochs[-1]
        st.caption(f"The most frequent confusions of the validation images after epoch {newest.epoch}.")
        table = confusion_table(tuple(newest.confusion), data.classes)
        alt = "Pairs of classes that the network confuses, the most frequent first."
        st.dataframe(table, hide_index=True, column_config=SHARE, height=TALL, alt=alt)
        return
    st.caption("Confusion matrix on the validation images. Drag to go back in time.")
    confusion_history(view.epochs, data.classes, key=f"epochs-{view.run_id}")


def _resources(view: RunView) -> None:
    usage = view.usage[:: max(1, -(-len(view.usage) // POINTS))]
    at, steps = [one.step for one in usage], view.began.steps
    charts = {
        "Learning rate": run_metrics.learning_rates(view.steps, steps),
        "Images per second": run_metrics.speeds(at, [one.images_per_second for one in usage], steps),
        "Memory": run_metrics.memory(at, [one.peak_bytes for one in usage], steps, predicted_bytes(view)),
    }
    for column, (title, chart) in zip(st.columns(3, gap="medium"), charts.items(), strict=True):
        column.vega_lite_chart(chart.data, chart.spec, key=f"machine-{title}", alt=f"{title} over the steps of the run")
    device = "CPU" if view.began.device == "cpu" else view.began.device
    worker = f" by worker {literal(view.worker)}" if view.worker else ""
    st.caption(" · ".join([f"Computed on {device}{worker}", *view.began.setting]))


PANELS: dict[str, Callable[[RunView], None]] = {
    ":material/visibility: Predictions": _predictions,
    ":material/layers: Layer updates": _layer_updates,
    ":material/grid_on: Confusion matrix by epoch": _confusion_by_epoch,
    ":material/memory: Resources": _resources,
}
