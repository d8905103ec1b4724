"""Closer looks at a running network. Only the open one is drawn; a new one is one entry in `LOOKS`."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.jobs.run_state import RunView
from core.training import metrics
from playground import lesson
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
        st.caption("The network has not looked at them yet …")
        return
    pictures = decoded(job_manager().decoded_file(view.source, view.size))
    drawn = []
    for place, probabilities in zip(view.snapshot.watched, view.snapshot.probabilities, strict=True):
        best = max(range(len(probabilities)), key=probabilities.__getitem__)
        title = f"{pictures.classes[best]} {probabilities[best]:.1%}"
        drawn.append(Card(shown(pictures, place), title, probabilities[best], best == int(pictures.labels[place])))
    st.caption(f"Pictures it has never learnt from, and what it takes them for after step {view.snapshot.step:,}:")
    st.html(cards(drawn, side=88))
    _hardest(view, pictures)


def _hardest(view: RunView, pictures: Pictures) -> None:
    """The loss of the watched picture that is least known for what it is."""
    labels = [int(pictures.labels[place]) for place in view.snapshot.watched]
    true = [row[label] for row, label in zip(view.snapshot.probabilities, labels, strict=True)]
    hardest = min(range(len(true)), key=true.__getitem__)
    if true[hardest] > 0:
        probability, loss = metrics.shown(true[hardest])
        name = literal(pictures.classes[labels[hardest]])
        st.caption(f"Number {hardest + 1} is the hardest of them: to “{name}” it is given {probability}. Its loss:")
        lesson.formula(metrics.cross_entropy, rf"-\ln {probability} = {loss}")


def _layers(view: RunView) -> None:
    """How each layer's weights move, over time."""
    if not view.snapshots:
        st.caption("Four times an epoch a look is taken at how the layers move …")
        return
    what = st.segmented_control(
        "What", list(MEASURES), default="Updates", required=True, key="live-measure", label_visibility="collapsed"
    )
    chart = run_metrics.movement(view.snapshots, view.began.steps, MEASURES[what])
    alt = f"{what} of each layer over the steps of the run"
    st.vega_lite_chart(chart.data, chart.spec, key=f"movement-{what}", alt=alt)
    st.caption(_ABOUT[what])


_ABOUT = {
    "Updates": "How far a step moves a layer, as a share of its weights' length. Around "
    f"{USUAL:g} (white) is healthy; blue layers hardly learn, orange ones are thrown about.",
    "Gradients": "The length of each layer's gradient. Where it shrinks from row to row towards the first layer, "
    "it vanishes on its way back; where it grows, it explodes.",
}


def _confusion(view: RunView) -> None:
    if not view.epochs:
        st.caption("The first epoch is not over yet …")
        return
    pictures = decoded(job_manager().decoded_file(view.source, view.size))
    st.caption("Validation pictures by what they are and what they are taken for. Drag to go back in time.")
    epochs(view.epochs, pictures.classes, key=f"epochs-{view.run_id}")


LOOKS: dict[str, Callable[[RunView], None]] = {
    ":material/visibility: What it sees": _watched,
    ":material/layers: How layers move": _layers,
    ":material/grid_on: Who is taken for whom": _confusion,
    ":material/memory: The machine": resource_usage.show,
}
