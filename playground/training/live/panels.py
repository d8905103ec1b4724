"""Closer looks at a running network. Only the open one is drawn; a new one is one entry in `LOOKS`."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.jobs.run_state import RunView
from core.training import metrics
from playground import lesson, units
from playground.charts import run_metrics
from playground.charts.run_metrics import MEASURES, USUAL
from playground.charts.training import Card, cards
from playground.components.confusion_history import epochs
from playground.escaping import literal
from playground.job_manager import job_manager
from playground.training.live import resource_usage
from playground.training.pictures import Pictures, decoded, shown


def show(view: RunView) -> None:
    """The closer looks, of which the open one is filled."""
    for place, draw in zip(st.tabs(list(LOOKS), key="live-look", on_change="rerun"), LOOKS.values(), strict=True):
        if place.open:
            with place:
                draw(view)


def _watched(view: RunView) -> None:
    """Validation pictures, which the network never learns from, and what it takes them for just now."""
    if view.snapshot is None:
        st.caption("No predictions yet …")
        return
    pictures = decoded(job_manager().decoded_file(view.source, view.size))
    drawn = []
    for place, probabilities in zip(view.snapshot.watched, view.snapshot.probabilities, strict=True):
        best = max(range(len(probabilities)), key=probabilities.__getitem__)
        title = f"{pictures.classes[best]} {units.percent(probabilities[best])}"
        drawn.append(Card(shown(pictures, place), title, probabilities[best], best == int(pictures.labels[place])))
    st.caption(f"Validation images and their predictions after step {view.snapshot.step:,}:")
    st.html(cards(drawn, side=88))
    _hardest(view, pictures)


def _hardest(view: RunView, pictures: Pictures) -> None:
    """The loss of the watched image with the lowest probability of its true class."""
    labels = [int(pictures.labels[place]) for place in view.snapshot.watched]
    true = [row[label] for row, label in zip(view.snapshot.probabilities, labels, strict=True)]
    hardest = min(range(len(true)), key=true.__getitem__)
    if true[hardest] > 0:
        probability, loss = metrics.shown(true[hardest])
        name = pictures.classes[labels[hardest]]
        st.caption(f"No. {hardest + 1} has the highest loss, with p(“{literal(name)}”) = {probability}:")
        lesson.formula(metrics.cross_entropy, rf"-\ln {probability} = {loss}", LEGEND)


LEGEND = r"$L$ = cross-entropy loss of one image, $p_\text{true}$ = predicted probability of its true class"


def _layers(view: RunView) -> None:
    """How large each layer's updates or gradients are, over time."""
    if not view.snapshots:
        st.caption("Layer updates are measured up to four times per epoch …")
        return
    what = st.segmented_control(
        "What", list(MEASURES), default="Updates", required=True, key="live-measure", label_visibility="collapsed"
    )
    chart = run_metrics.movement(view.snapshots, view.began.steps, MEASURES[what])
    alt = f"{what} of each layer over the steps of the run"
    st.vega_lite_chart(chart.data, chart.spec, key=f"movement-{what}", alt=alt)
    st.caption(_ABOUT[what])


_ABOUT = {
    "Updates": f"Update size relative to the weights (‖ΔW‖ / ‖W‖) per step. About {USUAL:g} (white) is healthy; blue: "
    "hardly learning; orange: unstable.",
    "Gradients": "Norm of each layer's gradient. If it shrinks from row to row towards the first layer, the gradient "
    "vanishes on its way back; if it grows, it explodes.",
}


def _confusion(view: RunView) -> None:
    if not view.epochs:
        st.caption("The first epoch is not finished yet …")
        return
    pictures = decoded(job_manager().decoded_file(view.source, view.size))
    st.caption("Confusion matrix on the validation images. Drag to go back in time.")
    epochs(view.epochs, pictures.classes, key=f"epochs-{view.run_id}")


LOOKS: dict[str, Callable[[RunView], None]] = {
    ":material/visibility: Predictions": _watched,
    ":material/layers: Layer updates": _layers,
    ":material/grid_on: Confusion matrix by epoch": _confusion,
    ":material/memory: Resources": resource_usage.show,
}
