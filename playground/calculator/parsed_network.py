"""What was read out of a pasted text: the PyTorch lines that mean the same, remarks, and the way to training."""

from __future__ import annotations

import ast
import dataclasses

import streamlit as st

from core.model_spec import Subject, trainable_at
from core.models import MODELS
from core.profiler.setting import Setting
from core.training import NETWORKS
from playground import lesson
from playground.calculator import results
from playground.calculator.results import Asked
from playground.escaping import sentence

CLASSES = {2: "sketches", 10: "digits"}  # built-in sets of the training page, by how many classes there are
SIDES = (64, 32, 96, 128)  # picture sides that it offers, its own first


def show(asked: Asked) -> None:
    """What was left out of the text, the way to training, and lines that give the same figures."""
    text, notes = results.told(asked.subject)
    for note in notes:
        st.caption(f":material/info: {sentence(note)}")
    way = training_link(asked.subject)
    if way:
        lesson.train_this(way)
    with st.expander("The same in PyTorch", icon=":material/code:"):
        st.code(lines(text, asked), language="python")


def lines(text: str, asked: Asked) -> str:
    """Lines that print the figures of the page, to be run as they stand."""
    if not text:
        head = "from core import profile\nfrom core.models import MODELS\n\n"
        build = f"model = MODELS[{asked.subject.preset!r}].on_meta()"
    else:
        head = "from collections import OrderedDict\n\n" if "OrderedDict(" in text else ""
        head += "from torch import nn\n\nfrom core import profile\n"
        blocks = [name for name in ("Parallel", "Residual") if f"{name}(" in text]
        head += f"from core.layers.blocks import {', '.join(blocks)}\n\n" if blocks else "\n"
        build = _assigned(text)
    if asked.subject.edits:
        head = head.replace(
            "from core import profile\n", "from core import profile\nfrom core.profiler.fitting import Edit, edited\n"
        )
        build += f"\nmodel = edited(model, {list(asked.subject.edits)})"
    return f"{head}{build}\nprint(profile(model, {asked.input_shape}{_settings(asked.setting)}))"


def _settings(setting: Setting) -> str:
    """What is not as `profile` has it by itself, as arguments."""
    others = {field.name: getattr(setting, field.name) for field in dataclasses.fields(Setting)}
    return "".join(f", {name}={value!r}" for name, value in others.items() if value != getattr(Setting(), name))


@st.cache_data(max_entries=100, show_spinner=False)
def training_link(subject: Subject) -> dict[str, str] | None:
    """The address of the training page with this network in it; None where its pictures or classes do not fit."""
    title = MODELS[subject.preset].title if subject.preset else ""
    if title in NETWORKS:
        return {"tnow_network": title}
    parsed = subject.parsed()
    fit = trainable_at(parsed.module, SIDES) if parsed.lines else None
    if fit is None or fit[1] not in CLASSES:
        return None
    return {"ts": CLASSES[fit[1]], "tz": str(fit[0]), "tnow_own": parsed.lines}


def _assigned(text: str) -> str:
    """The last expression of the lines gets a name."""
    last = ast.parse(text).body[-1].lineno - 1
    rows = text.split("\n")
    return "\n".join([*rows[:last], f"model = {rows[last]}", *rows[last + 1 :]])
