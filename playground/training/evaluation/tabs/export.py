"""A run to take home: weights, curves, configuration, and a script that does it again."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.jobs.run_state import RunView
from core.optim.schedules import factor_of
from core.training.export import configuration_json, curves_csv, script, weights_bytes
from playground import lesson, units
from playground.training.evaluation.run_artifacts import Left


def show(left: Left) -> None:
    """A button a file, each made when it is pressed; and the script to read."""
    view, trained = left.view, left.trained
    size = sum(value.numel() * value.element_size() for value in trained.model.state_dict().values())
    pictures = {"title": view.source.title, "name": view.source.name, "count": len(left.data)}
    with st.container(horizontal=True):
        _button("Weights", "weights.safetensors", lambda: weights_bytes(trained), "application/octet-stream", "memory")
        _button("Curves", "curves.csv", lambda: curves_csv(view.steps, view.epochs), "text/csv", "show_chart")
        about = lambda: configuration_json(trained, pictures, view.done)  # noqa: E731
        _button("Configuration", "run.json", about, "application/json", "tune")
    st.caption(
        f"Weights: {units.decimal(size)} as safetensors, with classes, picture side and normalization in the metadata. "
        f"Curves: {len(view.steps):,} steps, validation at each epoch's end."
    )
    with lesson.friendly():
        _script(left)


def _script(left: Left) -> None:
    """Raises: PlaygroundError if a part of the run cannot be written as a script."""
    text = _written(left)
    named = left.view.source.is_named
    needs = "this program for its pictures, nothing else of it" if named else "your zip or folder"
    st.markdown(
        f"**The run as one PyTorch script** of {len(text.splitlines()):,} lines. It needs {needs}. On the machine that "
        "trained this network it ends with the same weights, bit for bit."
    )
    _button("Script", "run.py", text, "text/x-python", "code")
    with st.expander("Read it", icon=":material/code:"):
        st.code(text, language="python", height=420)


@st.cache_data(max_entries=16, show_spinner="Writing the script …")
def _written(left: Left) -> str:
    view = left.view
    device = getattr(view, "device", "cpu")
    return script(view.config, left.data, view.source.name, view.source.title, device, deviations(view))


def deviations(view: RunView) -> str:
    """What somebody did to the run by hand while it went on, which a script does not repeat; empty if nothing."""
    said = []
    if view.done and view.done.reason == "stopped":
        said.append(f"That run was stopped after step {view.done.step:,}; this script goes on to the last one.")
    factor, steps = factor_of(view.config.schedule), view.began.steps
    planned = (view.config.learning_rate * factor((one.step - 1) / steps) for one in view.steps)
    by_hand = next((one for one, rate in zip(view.steps, planned, strict=True) if one.learning_rate != rate), None)
    if by_hand is not None:
        said.append(f"Its learning rate was changed by hand at step {by_hand.step:,}; this script keeps the schedule.")
    return "\n".join(said)


def _button(label: str, file: str, made: str | Callable[[], str | bytes], mime: str, icon: str) -> None:
    icon = f":material/{icon}:"
    st.download_button(label, made, file, mime, key=f"take-{file}", icon=icon, on_click="ignore")
