"""What was parsed out of a pasted text: the PyTorch lines that mean the same, remarks, and the way to training."""

from __future__ import annotations

import dataclasses

import streamlit as st

from core.model_spec import LoadedModel
from core.models import MODELS
from core.training import NETWORKS
from playground import lesson
from playground.calculator import results
from playground.calculator.code_sample import lines
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
