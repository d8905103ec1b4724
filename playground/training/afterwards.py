"""After a run: its surest mistakes, and a picture of one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from core.images import open_square, sample, to_square
from core.training import Trained, load_trained
from core.training.results import Prediction, look_at, validation_predictions
from playground import lesson
from playground.charts.training import Card, cards, thumbnail
from playground.jobs.board import View
from playground.jobs.visitor import office, owner
from playground.training.pictures import decoded, shown

MISTAKES = 12


def results(view: View) -> None:
    """What the trained network does with validation pictures and with anybody's own."""
    predictions, checkpoint = office().predictions(owner(), view.run_id), office().checkpoint(owner(), view.run_id)
    if predictions is None or checkpoint is None or view.done is None or view.done.reason == "diverged":
        return
    mistakes, own = st.tabs(["Its surest mistakes", "A picture of your own"])
    with mistakes:
        _mistakes(view, predictions)
    with own:
        _own_picture(view, checkpoint)


@st.cache_resource(max_entries=8, show_spinner=False)
def _trained(checkpoint: Path, step: int) -> Trained:
    """The network of a run at that step; only ever asked, never changed."""
    return load_trained(checkpoint)


def _mistakes(view: View, path: Path) -> None:
    pictures = decoded(office().pictures_file(view.source, view.size))
    found = validation_predictions(path, pictures.labels)
    wrong = [prediction for prediction in found if not prediction.is_right]
    st.markdown(f"**{len(found) - len(wrong):,} of {len(found):,}** validation pictures are right.")
    first = wrong or list(found)
    st.caption("The surest mistakes first:" if wrong else "None is wrong. These were the hardest:")
    st.html(cards([_card(pictures, prediction) for prediction in first[:MISTAKES]], side=104))


def _card(pictures, prediction: Prediction) -> Card:
    names = pictures.classes
    title = f"{names[prediction.taken_for]} {prediction.probability:.1%}, truly {names[prediction.label]}"
    return Card(shown(pictures, prediction.index), title, prediction.probability, prediction.is_right)


def _own_picture(view: View, checkpoint: Path) -> None:
    trained = _trained(checkpoint, view.done.step)
    ways = {"Upload": _uploaded, "Camera": _photographed, "Chelsea the cat": _chelsea}
    way = st.segmented_control("Where from", list(ways), default="Upload", key="own-way")
    with lesson.friendly():
        picture = ways[way](trained.size) if way else None
        if picture is not None:
            _answer(trained, picture)


def _uploaded(size: int) -> np.ndarray | None:
    file = st.file_uploader("A picture", type=["jpg", "jpeg", "png", "webp", "gif", "bmp"], key="own-file")
    return open_square(file.getvalue(), size) if file else None


def _photographed(size: int) -> np.ndarray | None:
    file = st.camera_input("A photograph", key="own-photo")
    return open_square(file.getvalue(), size) if file else None


def _chelsea(size: int) -> np.ndarray:
    return to_square(sample("chelsea"), size)


def _answer(trained: Trained, picture: np.ndarray) -> None:
    left, right = st.columns([1, 2])
    answers = look_at(trained, picture)
    best = next(iter(answers))
    left.html(cards([Card(thumbnail(picture), f"{best} {answers[best]:.1%}", answers[best])], side=120))
    for name, probability in list(answers.items())[:5]:
        right.progress(probability, f"{name}: {probability:.1%}")
    right.caption("It can only choose among what it was shown. Everything looks like one of its classes to it.")
