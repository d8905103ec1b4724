"""Where a run is in one line, what its owner can do about it, and its figures."""

from __future__ import annotations

import streamlit as st

from core.jobs.run_state import FAILED, PAUSED, PREPARING, WAITING, RunView
from core.percent import percent
from core.training.chance_level import chance_sentence, is_learning, young
from core.training.workload import duration
from playground import refusal, units
from playground.controls import log_steps
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training import text
from playground.training.memory import kernels_of, predicted_bytes

RATES = (1e-5, 1.0)
BEGUN_ANEW = ":material/restart_alt: Its checkpoint on the server's disk was damaged, so that this run began anew."


def line(view: RunView, steers: bool = True) -> None:
    """One line on where the run is, and for whoever steers it the buttons that go with it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(view.share, sentence(view))
        if view.begun_anew:
            st.caption(BEGUN_ANEW)
        if view.is_over or not steers:
            return
        command, icon = ("run", "play_arrow") if view.state == PAUSED else ("pause", "pause")
        label = "Resume" if view.state == PAUSED else "Pause"
        _button(label, icon, "hold", view.run_id, command)
        _button("Stop", "stop", "stop", view.run_id, "stop", view.state == PREPARING)


def _button(label: str, icon: str, key: str, run_id: str, command: str, disabled: bool = False) -> None:
    arguments = {"on_click": _command, "args": (run_id, command)}
    st.button(label, icon=f":material/{icon}:", key=f"{key}-{run_id}", disabled=disabled, **arguments)


@refusal.toasted()
def _command(run_id: str, command: str) -> None:
    job_manager().command(owner(), run_id, command)


def learning_rate(view: RunView) -> None:
    """The learning rate, to be changed while the run goes on."""
    key, rate = f"rate-{view.run_id}", view.config.learning_rate
    common = {"format_func": "{:g}".format, "help": "Change it during training: the next step uses it."}
    changed = {"on_change": _change_rate, "args": (view.run_id, key)}
    st.select_slider("Peak learning rate", log_steps(*RATES, rate), rate, key=key, **common, **changed)


@refusal.toasted()
def _change_rate(run_id: str, key: str) -> None:
    view = job_manager().watch(owner(), run_id)
    if view is not None:
        command = "pause" if view.state == PAUSED else "run"
        job_manager().command(owner(), run_id, command, st.session_state[key])


def sentence(view: RunView) -> str:
    if view.state == WAITING:
        return f"{units.counted(view.queue_position, 'run')} ahead of yours …" if view.queue_position else "Starting …"
    if view.state == PREPARING:
        return f"Decoding images: {view.prepared[0]:,} of {view.prepared[1]:,}"
    if view.state == FAILED:
        return "This run failed."
    if view.done:
        return _ending(view)
    epoch = f"Epoch {view.steps[-1].epoch if view.steps else 1} of {view.config.epochs}"
    if view.state == PAUSED:
        why = "paused while you were away" if view.away else "paused"
        return f"{epoch} · {why}" + (", its device is free for others" if view.parked else "")
    return f"{epoch} · {duration(view.seconds_left)} left" if view.seconds_left is not None else epoch


def _ending(view: RunView) -> str:
    took, steps = f"{view.done.seconds:.1f} s of training", units.counted(view.done.step, "step")
    if view.done.has_diverged:
        return f"The loss became NaN or infinite after {steps} (diverged): try a smaller learning rate."
    return f"{_ENDINGS[view.done.reason]} after {steps}, {took}"


_ENDINGS = {"finished": "Finished", "early": "Stopped early", "stopped": "Stopped"}


def figures(view: RunView) -> None:
    last = view.epochs[-1] if view.epochs else None
    accuracy = view.done.val_accuracy if view.done else last.val_accuracy if last else None
    if view.done and view.done.has_diverged:
        accuracy = None  # that of a network that predicts nothing
    speed = view.done.images_per_second if view.done else view.images_per_second
    with st.container(horizontal=True):
        st.metric("Validation accuracy", percent(accuracy) if accuracy is not None else "–", width=150)
        st.metric("Training loss", f"{view.steps[-1].loss:.3f}" if view.steps else "–", width=130)
        st.metric("Learning rate", f"{view.steps[-1].learning_rate:.2g}" if view.steps else "–", width=130)
        st.metric("Images per second", f"{speed:,.0f}" if speed else "–", width=150)
    if sentence := learnt_nothing(view):
        st.warning(sentence, icon=":material/casino:")
    _memory(view)


def learnt_nothing(view: RunView) -> str:
    """That a run is at chance level after its first epochs, and what to try; empty if it is not."""
    if not view.epochs or young(len(view.epochs), view.is_over) or (view.done and view.done.has_diverged):
        return ""
    last = view.epochs[-1]
    if not view.is_over and is_learning(last.train_accuracy, last.confusion):
        return ""
    return chance_sentence(last.confusion, last.epoch, view.config)


def _memory(view: RunView) -> None:
    """The most memory that training took so far, beside what was predicted."""
    if view.usage:
        sentence = text.measured_sentence(view.usage[-1].peak_bytes, predicted_bytes(view), kernels_of(view))
        st.caption(f":material/memory: {sentence}", help=text.MEMORY)
