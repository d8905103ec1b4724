"""The chosen run as one program of plain PyTorch: the same network, images, order and random numbers."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from core.datasets import BUILT_IN, REMOTE
from core.datasets.layout_report import corrections
from core.errors import PlaygroundError
from core.jobs.job_spec import Source
from core.training import TrainConfig
from core.training.export import script
from playground import lesson, notebook
from playground.job_manager import job_manager
from playground.training.pictures import decoded
from playground.training.session import RunPlan

KEY = "training-code"
HEIGHT = 420  # of the text, in pixels
LONGEST = 300_000  # letters that a browser is to colour; a longer one, with thousands of file names, is a file alone
ARGUMENT = 'import sys\n\nsys.argv = ["run.py", "images.zip"]  # where your archive or folder lies'
NOT_READY = "The program is written once the images are decoded: it says which of them are for training."


@lesson.fragment
def show(plan: RunPlan) -> None:
    """The program, written when somebody unfolds it, for it takes up to seconds."""
    folded = st.expander("The same in PyTorch", key=KEY, icon=":material/code:", on_change="rerun")
    if plan.source.name not in BUILT_IN:
        notebook.record("code", ARGUMENT)
    notebook.record("code", partial(_for_notebook, plan))
    if folded.open:
        with folded, lesson.friendly():
            _show(plan)


def _for_notebook(plan: RunPlan) -> str:
    """The program as a cell, or why there is none."""
    try:
        return text_of(plan) or f"# {NOT_READY}"
    except PlaygroundError as error:
        return f"# {' '.join(str(error).split())}"


def _show(plan: RunPlan) -> None:
    text = text_of(plan)
    if text is None:
        st.caption(NOT_READY)
        return
    st.caption(needs_sentence(plan.source))
    if len(text) <= LONGEST:
        st.code(text, language="python", height=HEIGHT)
    options = {"icon": ":material/download:", "key": f"{KEY}-file", "on_click": "ignore"}
    st.download_button("Download run.py", text, "run.py", "text/x-python", **options)


def text_of(plan: RunPlan) -> str | None:
    """The program; None while the images are not decoded. Raises: PlaygroundError if none can be written."""
    path = job_manager().decoded_file(plan.source, plan.size)
    return _text(path, plan.source, plan.config, plan.device.key, plan.device.threads) if path.exists() else None


@st.cache_data(max_entries=16, show_spinner="Writing the program …")
def _text(path: Path, source: Source, config: TrainConfig, device: str, threads: int) -> str:
    return script(config, decoded(path), source.name, source.title, device, layout_note(source), threads)


def layout_note(source: Source) -> str:
    """How the reading of a dataset was corrected, for the script that lists its files; empty if it was not.

    >>> layout_note(Source("pets", path="p", layout="dropped=a%22%22%22b"))
    'Corrected: without ab. Each file is listed below with its class.'
    """
    said = "".join(letter for letter in corrections(source.choice) if letter.isalnum() or letter in " -_.,()")
    return f"Corrected: {said}. Each file is listed below with its class." if said else ""


def needs_sentence(source: Source) -> str:
    """What a program for these images needs beside PyTorch."""
    if source.name in BUILT_IN:
        return "It makes the images itself and needs nothing of this project."
    if source.name in REMOTE:
        return f"It needs the archive from {REMOTE[source.name].url}, and nothing of this project."
    return "It needs your archive or folder, and nothing of this project."
