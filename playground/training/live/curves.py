"""Loss and accuracy of a run, step by step or epoch by epoch."""

from __future__ import annotations

import streamlit as st

from core.jobs.run_state import RunView
from playground.charts.training import accuracy_curves, epoch_curves, loss_curves
from playground.job_manager import job_manager
from playground.training.live import status
from playground.training.pictures import decoded

STEPS, EPOCHS = "Per step", "Per epoch"


def show(view: RunView) -> None:
    classes = len(decoded(job_manager().decoded_file(view.source, view.size)).classes)
    choice, rate = st.columns(2, gap="medium", vertical_alignment="center")
    each = choice.segmented_control("Curves", (STEPS, EPOCHS), default=STEPS, required=True, key="curves-each")
    if not view.is_over:
        with rate:
            status.learning_rate(view)
    if each == EPOCHS:
        charts = [epoch_curves(view.epochs, view.config.epochs, what, classes) for what in ("loss", "accuracy")]
    else:
        parts = view.steps, view.epochs, view.began.steps, classes
        charts = [loss_curves(*parts), accuracy_curves(*parts)]
    columns = st.columns(2, gap="medium")
    for column, what, chart in zip(columns, ("Loss", "Accuracy"), charts, strict=True):
        column.vega_lite_chart(chart.data, chart.spec, key=f"{what}-curves-{each}", alt=_alt(what, view))


def _alt(what: str, view: RunView) -> str:
    """What the chart shows, in words. While it grows they stay the same: other words would draw it anew, not on."""
    if not view.is_over or not view.epochs:
        return f"{what} of the training batches and of the validation images, over the run"
    last = view.epochs[-1]
    values = (last.train_loss, last.val_loss) if what == "Loss" else (last.train_accuracy, last.val_accuracy)
    return f"{what} after epoch {last.epoch}: training {values[0]:.3f}, validation {values[1]:.3f}"
