"""The tab "My classes": pictures of two to five classes, a linear layer trained on them, and live predictions."""

from __future__ import annotations

import streamlit as st

from core.images import open_square
from core.lessons.inspect_network.own_classes import SIDE, train_head
from core.lessons.inspect_network.subject import Subject
from playground import controls, lesson
from playground.components.live_camera import live_camera
from playground.escaping import literal
from playground.inspect_network.own_classes import editing, text, views
from playground.inspect_network.own_classes.collection import OwnNetwork, collection, trained


def show(_: Subject) -> None:
    """Make classes, fill them, and try the network that comes of it."""
    st.markdown(text.IDEA)
    st.caption(f"{text.PRIVACY} {text.ROOM}")
    views.class_form()
    names = collection().names
    if names:
        editing.PICTURES.show(names)
    for name in names:
        views.one_class(name)
    if error := st.session_state.pop(editing.ERROR, ""):
        lesson.refuse(error)
    own = trained()
    if own is None:
        st.caption(literal(collection().missing))
    else:
        _trained(own)
    lesson.latex(lesson.formula_of(train_head))
    lesson.legend(text.SYMBOLS)


def _trained(own: OwnNetwork) -> None:
    lesson.subheader("Try it")
    st.markdown(f"{text.result(own)} {text.loss(own)}")
    source = controls.side_by_side("Image from", SOURCES, "oc_from")
    SOURCES[source]()
    st.caption(text.elsewhere(own))


@lesson.fragment
def _live() -> None:
    """The camera's picture as it is now, again and again."""
    own = trained()
    frame = live_camera("oc-live")
    if own is None or frame is None:
        st.caption(text.LIVE)
        return
    with lesson.friendly():
        views.prediction(own, open_square(frame, SIDE), "oc-live-map")


@lesson.fragment
def _file() -> None:
    own, file = trained(), st.file_uploader("Image file", key="inspect-own-try")
    if own is None or not file:
        return
    with lesson.friendly():
        views.prediction(own, open_square(file, SIDE), "oc-file-map")


@lesson.fragment
def _included() -> None:
    """One of the training pictures."""
    own = trained()
    if own is not None:
        names = [f"{literal(own.names[label])} {number}" for number, (_, label) in enumerate(own.pictures, 1)]
        number = controls.pick("Image", {str(k): name for k, name in enumerate(names)}, "oc_picture")
        views.prediction(own, own.pictures[int(number)][0], "oc-own-map")


SOURCES = {"My images": _included, "Camera, live": _live, "File": _file}
