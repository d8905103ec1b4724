"""Downloads of a run: weights, curves, configuration, other programs' formats, a report, a script that repeats it."""

from __future__ import annotations

import re
from collections.abc import Callable

import streamlit as st

from core.errors import PlaygroundError
from core.jobs.run_state import RunView
from core.optim.schedules import factor_of
from core.training.export import configuration_json, curves_csv, script, weights_bytes
from core.training.export.formats import onnx_model
from core.training.export.formats.tensorboard import LoggedRun, tensorboard_log
from playground import computation_gate, lesson, units
from playground.training.evaluation.report import report_html
from playground.training.evaluation.run_artifacts import RunArtifacts
from playground.training.program import layout_note, needs_sentence


def show(run: RunArtifacts) -> None:
    """A button per file, each made when it is pressed; and the script to read."""
    view, trained = run.view, run.trained
    size = sum(value.numel() * value.element_size() for value in trained.model.state_dict().values())
    dataset = {"title": view.source.title, "name": view.source.name, "count": len(run.data)}
    with st.container(horizontal=True):
        _button("Weights", "weights.safetensors", lambda: weights_bytes(trained), "application/octet-stream", "memory")
        _button("Curves", "curves.csv", lambda: curves_csv(view.steps, view.epochs), "text/csv", "show_chart")
        about = lambda: configuration_json(trained, dataset, view.done)  # noqa: E731
        _button("Configuration", "run.json", about, "application/json", "tune")
    st.caption(
        f"Weights: {units.decimal(size)} as safetensors, with classes, image size and normalization in the metadata; "
        "“Inspect a network” opens them again. "
        f"Curves: {units.counted(len(view.steps), 'step')}, with validation at the end of each epoch."
    )
    _other_formats(run)
    with lesson.friendly():
        _script(run)


def _other_formats(run: RunArtifacts) -> None:
    """The network for other programs, the run for TensorBoard, and a report to read without any."""
    trained, refusal = run.trained, onnx_refusal(run)
    with st.container(horizontal=True):
        if not refusal:
            network = lambda: onnx_model.onnx_bytes(trained)  # noqa: E731
            _button("ONNX", "network.onnx", network, "application/octet-stream", "hub")
        _button("TensorBoard", LOG, lambda: tensorboard_log(logged(run)), "application/octet-stream", "monitoring")
        _button("Report", "report.html", lambda: report_html(run), "text/html", "article")
    st.caption(" ".join((onnx_sentence(trained.size, len(trained.classes), refusal), LOG_SENTENCE, REPORT_SENTENCE)))


LOG = "events.out.tfevents.run"
LOG_SENTENCE = f"TensorBoard: put {LOG} into a folder and run `tensorboard --logdir FOLDER`."
REPORT_SENTENCE = (
    "Report: one HTML page with configuration, curves, confusion matrix, samples and explanations, its pictures in it."
)


def onnx_refusal(run: RunArtifacts) -> str:
    """Why there is no ONNX model; "" if there is one. An own network is tried, all others are known to work."""
    if not onnx_model.is_available():
        return onnx_model.NOT_INSTALLED
    return _tried(run) if "(" in run.trained.config.network else ""


@st.cache_data(max_entries=32, show_spinner="Trying ONNX …")
@computation_gate.in_turn
def _tried(run: RunArtifacts) -> str:
    try:
        onnx_model.onnx_bytes(run.trained)
    except PlaygroundError as error:
        return f"{error}."
    return ""


def onnx_sentence(size: int, classes: int, refusal: str) -> str:
    """What the ONNX model takes and gives, or why there is none."""
    if refusal:
        return f"ONNX: {refusal}"
    return (
        f"ONNX: pixels from 0 to 255, float32 N×3×{size}×{size}, to probabilities N×{classes}; the normalization is "
        "part of it."
    )


def logged(run: RunArtifacts) -> LoggedRun:
    """What goes into the event file."""
    view = run.view
    about = configuration_json(run.trained, {"title": view.source.title}, view.done)
    return LoggedRun(view.created_at, view.steps, view.epochs, view.snapshots, view.done, about)


def _script(run: RunArtifacts) -> None:
    """Raises: PlaygroundError if a part of the run cannot be written as a script."""
    text = _text(run)
    st.markdown(
        f"**The run as one PyTorch script** of {len(text.splitlines()):,} lines. {needs_sentence(run.view.source)} "
        f"{repeats_sentence(run.view)}"
    )
    _button("Script", "run.py", text, "text/x-python", "code")
    with st.expander("Show the script", icon=":material/code:"):
        st.code(text, language="python", height=420)


@st.cache_data(max_entries=16, show_spinner="Writing the script …")
def _text(run: RunArtifacts) -> str:
    view = run.view
    return script(
        view.config,
        run.data,
        view.source.name,
        view.source.title,
        view.device,
        "\n".join(filter(None, (layout_note(view.source), manual_changes(view)))),
        threads_of(view.began.setting),
    )


def threads_of(setting: tuple[str, ...]) -> int:
    """How many threads of a CPU a run had; 0 for one on another device.

    >>> threads_of(("2 threads", "fp32")), threads_of(("1 thread", "fp32")), threads_of(("H200", "fp32"))
    (2, 1, 0)
    """
    match = re.fullmatch(r"(\d+) threads?", setting[0]) if setting else None
    return int(match[1]) if match else 0


def repeats_sentence(view: RunView) -> str:
    """When the script ends with the weights of this run, bit for bit."""
    if manual_changes(view):
        return "What was changed by hand is not in it (see its first lines), so that it ends with other weights."
    threads = threads_of(view.began.setting)
    where = f"with {units.counted(threads, 'thread')}, which it sets," if threads else "on the same kind of device"
    return f"On the machine that trained this network, {where} it ends with the same weights, bit for bit."


def manual_changes(view: RunView) -> str:
    """What was done to the run by hand, which a script does not repeat; empty if nothing."""
    sentences = []
    if view.done and view.done.reason == "stopped":
        sentences.append(f"That run was stopped after step {view.done.step:,}; this script continues to the last step.")
    factor, steps = factor_of(view.config.schedule), view.began.steps
    planned = (view.config.learning_rate * factor((one.step - 1) / steps) for one in view.steps)
    by_hand = next((one for one, rate in zip(view.steps, planned, strict=True) if one.learning_rate != rate), None)
    if by_hand is not None:
        sentences.append(
            f"Its learning rate was changed by hand at step {by_hand.step:,}; this script follows the schedule."
        )
    return "\n".join(sentences)


def _button(label: str, file: str, content: str | Callable[[], str | bytes], mime: str, icon: str) -> None:
    icon = f":material/{icon}:"
    st.download_button(label, content, file, mime, key=f"take-{file}", icon=icon, on_click="ignore")
