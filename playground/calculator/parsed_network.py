"""What was parsed out of a pasted text: the PyTorch lines that mean the same, remarks, and the way to training."""

from __future__ import annotations

import ast
import dataclasses

import streamlit as st

from core.model_spec import LoadedModel
from core.models import MODELS
from core.parsing.plan import OURS
from core.profiler.setting import Setting
from core.training import NETWORKS
from playground import lesson
from playground.calculator import results
from playground.calculator.results import Analysis
from playground.escaping import sentence

CLASSES = {2: "sketches", 10: "digits"}  # built-in sets of the training page, by how many classes there are
SIDES = (64, 32, 96, 128)  # image sizes that it offers, its own first


def show(analysis: Analysis) -> None:
    """What was left out of the text, the way to training, and lines that give the same figures."""
    for note in analysis.model.notes:
        st.caption(f":material/info: {sentence(note)}")
    link = training_link(analysis.model)
    if link:
        lesson.train_this(link)
    lesson.code(lines(analysis), expanded=False)


def lines(analysis: Analysis) -> str:
    """Lines that print the figures of the page, to be run as they stand."""
    text, spec = analysis.model.lines, analysis.spec
    if not text:
        head = "from core import profile\nfrom core.models import MODELS\n\n"
        build = f"model = MODELS[{spec.preset!r}].on_meta()"
    else:
        head = "from collections import OrderedDict\n\n" if "OrderedDict(" in text else ""
        head += "from torch import nn\n\nfrom core import profile\n"
        blocks = [name for name in sorted(OURS) if f" {name}(" in text or text.startswith(f"{name}(")]
        head += f"from core.layers.blocks import {', '.join(blocks)}\n\n" if blocks else "\n"
        build = _assigned(text)
    if spec.edits:
        head = head.replace(
            "from core import profile\n", "from core import profile\nfrom core.profiler.fitting import Edit, edited\n"
        )
        build += f"\nmodel = edited(model, {list(spec.edits)})"
    return f"{head}{build}\nprint(profile(model, {analysis.input_shape}{_settings(analysis.setting)}))"


def _settings(setting: Setting) -> str:
    """What is not as `profile` has it by itself, as arguments."""
    others = {field.name: getattr(setting, field.name) for field in dataclasses.fields(Setting)}
    return "".join(f", {name}={value!r}" for name, value in others.items() if value != getattr(Setting(), name))


def training_link(model: LoadedModel) -> dict[str, str] | None:
    """The address of the training page with this network in it; None where its images or classes do not fit."""
    title = MODELS[model.spec.preset].title if model.spec.preset else ""
    if title in NETWORKS:
        return {"tnow_network": title}
    if not model.lines:
        return None
    plain = results.load(dataclasses.replace(model.spec, edits=()))
    fit = results.trainable_at(plain.spec, SIDES, plain)
    if fit is None or fit[1] not in CLASSES:
        return None
    return {"ts": CLASSES[fit[1]], "tz": str(fit[0]), "tnow_own": model.lines}


def _assigned(text: str) -> str:
    """The last expression of the lines gets a name."""
    last = ast.parse(text).body[-1].lineno - 1
    rows = text.split("\n")
    return "\n".join([*rows[:last], f"model = {rows[last]}", *rows[last + 1 :]])
