"""A run while it goes on: how far it is, its curves, and what it takes the watched pictures for."""

from __future__ import annotations

import streamlit as st

from core.datasets import Pictures
from core.training import measures
from playground import lesson
from playground.charts.training import Card, accuracy_curves, cards, confusion_table, loss_curves
from playground.jobs.board import FAILED, PAUSED, PREPARING, RUNNING, WAITING, View
from playground.jobs.visitor import office, owner
from playground.training.pictures import decoded, look, shown

TICK = 0.3  # seconds between two redraws
STEADY = "<style>.st-key-live [data-stale=true] { opacity: 1 !important; }</style>"  # a slow redraw does not fade


def watch(run_id: str) -> View:
    """Draw the run, again and again until it is over. Returns it as it stood at the first drawing."""
    view = office().watch(owner(), run_id)
    st.html(STEADY)
    with st.container(key="live"):
        st.fragment(_draw, run_every=None if view.is_over else TICK)(run_id, view.is_over)
    return view


def _draw(run_id: str, was_over: bool) -> None:
    view = office().watch(owner(), run_id)
    if view.is_over and not was_over:
        st.rerun()  # the whole page: what comes after a run can be shown now
    _status(view)
    if view.began is None:
        look(view.source, view.size)
        return
    _figures(view)
    _curves(view)
    _watched(view)
    if view.epochs:
        _confusion(view)


def _status(view: View) -> None:
    """One line on where the run is, and the buttons that go with it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(view.share, _sentence(view))
        if view.is_over:
            return
        command, icon = ("run", "play_arrow") if view.state == PAUSED else ("pause", "pause")
        label = "Go on" if view.state == PAUSED else "Pause"
        disabled = view.state not in (RUNNING, PAUSED)
        _button(label, icon, view.run_id, command, disabled)
        _button("Stop", "stop", view.run_id, "stop", view.state == PREPARING)


def _button(label: str, icon: str, run_id: str, command: str, disabled: bool) -> None:
    arguments = (owner(), run_id, command)
    st.button(label, icon=f":material/{icon}:", on_click=office().wish, args=arguments, disabled=disabled)


def _sentence(view: View) -> str:
    if view.state == WAITING:
        runs = "1 run is" if view.place == 1 else f"{view.place} runs are"
        return f"{runs} before yours …" if view.place else "Starting …"
    if view.state == PREPARING:
        return f"Reading pictures: {view.prepared[0]:,} of {view.prepared[1]:,}"
    if view.state == FAILED:
        return "This run broke off."
    if view.done:
        return _ending(view)
    epoch = f"Epoch {view.steps[-1].epoch if view.steps else 1} of {view.config.epochs}"
    if view.state == PAUSED:
        return f"{epoch} · paused"
    return f"{epoch} · {_time(view.seconds_left)} left" if view.seconds_left is not None else epoch


def _ending(view: View) -> str:
    took = f"{view.done.seconds:.1f} s of training"
    if view.done.reason == "diverged":
        return f"The loss is no number any more after {view.done.step:,} steps: try a smaller learning rate."
    return f"{'Finished' if view.done.reason == 'finished' else 'Stopped'} after {view.done.step:,} steps, {took}"


def _time(seconds: float) -> str:
    """
    >>> _time(7.6), _time(75.2)
    ('8 s', '1 min 15 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _figures(view: View) -> None:
    last = view.epochs[-1] if view.epochs else None
    accuracy = view.done.val_accuracy if view.done else last.val_accuracy if last else None
    speed = view.done.images_per_second if view.done else view.images_per_second
    with st.container(horizontal=True):
        st.metric("Right on validation", f"{accuracy:.1%}" if accuracy is not None else "–", width=150)
        st.metric("Training loss", f"{view.steps[-1].loss:.3f}" if view.steps else "–", width=130)
        st.metric("Learning rate", f"{view.steps[-1].learning_rate:.2g}" if view.steps else "–", width=130)
        st.metric("Pictures a second", f"{speed:,.0f}" if speed else "–", width=150)


def _curves(view: View) -> None:
    classes = len(decoded(office().pictures_file(view.source, view.size)).classes)
    parts = view.steps, view.epochs, view.began.steps, classes
    loss, accuracy = st.columns(2, gap="medium")
    for place, what, drawn in ((loss, "Loss", loss_curves(*parts)), (accuracy, "Accuracy", accuracy_curves(*parts))):
        place.vega_lite_chart(drawn.data, drawn.spec, key=f"{what}-curves", alt=_told(what, view))


def _told(what: str, view: View) -> str:
    """What the chart shows, in words. While it grows they stay the same: other words would draw it anew, not on."""
    if not view.is_over or not view.epochs:
        return f"{what} of the training batches and the validation pictures, over the steps of the run"
    last = view.epochs[-1]
    values = (last.train_loss, last.val_loss) if what == "Loss" else (last.train_accuracy, last.val_accuracy)
    return f"{what} after epoch {last.epoch}: training {values[0]:.3f}, validation {values[1]:.3f}"


def _watched(view: View) -> None:
    """Validation pictures, which the network never learns from, and what it takes them for just now."""
    if view.snapshot is None:
        return
    pictures = decoded(office().pictures_file(view.source, view.size))
    drawn = []
    for place, probabilities in zip(view.snapshot.watched, view.snapshot.probabilities, strict=True):
        best = max(range(len(probabilities)), key=probabilities.__getitem__)
        title = f"{pictures.classes[best]} {probabilities[best]:.1%}"
        drawn.append(Card(shown(pictures, place), title, probabilities[best], best == int(pictures.labels[place])))
    st.markdown("**Pictures it has never learnt from, and what it takes them for**")
    st.html(cards(drawn, side=88))
    _hardest(view, pictures)


def _hardest(view: View, pictures: Pictures) -> None:
    """The loss of the watched picture that is least known for what it is."""
    labels = [int(pictures.labels[place]) for place in view.snapshot.watched]
    true = [row[label] for row, label in zip(view.snapshot.probabilities, labels, strict=True)]
    hardest = min(range(len(true)), key=true.__getitem__)
    if true[hardest] > 0:
        probability, loss = measures.shown(true[hardest])
        name = pictures.classes[labels[hardest]]
        st.caption(f"Number {hardest + 1} is the hardest of them: to “{name}” it is given {probability}. Its loss:")
        lesson.formula(measures.cross_entropy, rf"-\ln {probability} = {loss}")


def _confusion(view: View) -> None:
    pictures = decoded(office().pictures_file(view.source, view.size))
    with st.expander("Who is taken for whom", icon=":material/grid_on:", expanded=True):
        st.html(confusion_table(view.epochs[-1].confusion, pictures.classes))
