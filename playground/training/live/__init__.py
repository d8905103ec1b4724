"""A run in progress: how far it is, its curves, and panels on the network."""

from __future__ import annotations

import streamlit as st

from core.errors import PlaygroundError
from core.jobs.run_state import RunView
from playground import controls, lesson
from playground.charts.training import accuracy_curves, epoch_curves, loss_curves
from playground.identity import owner
from playground.job_manager import job_manager
from playground.markup import style_sheet
from playground.training import session
from playground.training.live import panels, status
from playground.training.pictures import decoded, show_samples

STEPS, EPOCHS = "Per step", "Per epoch"
REFRESH_S = 0.4  # between two redraws, each of which keeps a browser busy for a tenth of a second
REMOVED = (
    "The decoded images of this run were removed to free space. Choose the same dataset and size again to restore them."
)
NO_FADING = style_sheet(".st-key-live [data-stale=true] { opacity: 1 !important; }")  # a slow redraw does not fade


def watch(run_id: str) -> RunView:
    """Draw the run, again and again until it is over. Returns it as it stood at the first drawing.

    Raises: PlaygroundError if it is not there any more.
    """
    view = job_manager().watch(owner(), run_id)
    if view is None:
        raise PlaygroundError(session.GONE)
    st.html(NO_FADING)
    with st.container(key="live"):
        lesson.fragment(_draw, run_every=None if view.is_over else REFRESH_S)(run_id, view.is_over)
    return view


def _draw(run_id: str, was_over: bool) -> None:
    view = job_manager().watch(owner(), run_id)
    if view is None:
        session.say(session.GONE)
        st.rerun()  # the whole page: there is no run to be shown any more
    if view.is_over and not was_over:
        st.rerun()  # the whole page: what comes after a run can be shown now
    draw(view)


def draw(view: RunView, steers: bool = True, shows_images: bool = True) -> None:
    """The run as it stands. Who does not steer has no buttons; without images nothing shows one."""
    status.line(view, steers)
    if view.began is None:
        if shows_images:
            show_samples(view.source, view.size)
        return
    status.figures(view)
    if not job_manager().decoded_file(view.source, view.size).exists():
        st.info(REMOVED, icon=":material/hide_image:")
        return
    _curves(view, steers)
    panels.show(view, shows_images)


def _curves(view: RunView, steers: bool) -> None:
    classes = len(decoded(job_manager().decoded_file(view.source, view.size)).classes)
    choice, rate = st.columns(2, gap="medium", vertical_alignment="center")
    each = controls.side_by_side("Curves", (STEPS, EPOCHS), "curves-each", choice)
    if steers and not view.is_over:
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
