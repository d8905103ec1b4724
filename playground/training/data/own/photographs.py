"""Own photos: classes that one names, filled with files or with the camera."""

from __future__ import annotations

import tempfile

import streamlit as st

from core.datasets.photo_collection import MAX_CLASSES, PhotoCollection
from core.errors import PlaygroundError
from core.storage_errors import storage_errors
from playground import lesson, refusal, units
from playground.charts.training import CaptionedImage, cards, thumbnail
from playground.escaping import literal
from playground.identity import owner
from playground.job_manager import job_manager
from playground.picture_form import PictureForm
from playground.training.data import dataset_choice
from playground.training.data.own.upload import PRIVACY

# In the session's state: the collection, an error, a name being typed, and the files already added.
COLLECTION, ERROR, NAME = "training photographs", "training photographs said", "training-class-name"
ADDED = "training photographs known"
SHOWN, SIDE = 8, 96


def offer_photos() -> None:
    """Name classes, fill them, and choose them as a dataset."""
    lesson.fragment(_photos)()


def collection() -> PhotoCollection:
    """The photos that this visitor has added so far."""
    return st.session_state.setdefault(COLLECTION, PhotoCollection())


def _photos() -> None:
    dataset_choice.follow()
    st.caption(
        f"Two to {MAX_CLASSES} classes, such as your mug and your plant, with ten or more photos each. {PRIVACY}"
    )
    _class_form()
    names = list(collection().counts)
    if names:
        FORM.show(names)
    for name in names:
        _class(name)
    if error := st.session_state.pop(ERROR, ""):
        lesson.refuse(error)
    _finish()


def _class_form() -> None:
    form = st.form("training-class", clear_on_submit=True, border=False)
    with form.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Class name", placeholder="mug", max_chars=200, key=NAME)
        st.form_submit_button("Add", icon=":material/add:", on_click=_add_class)


@refusal.toasted()
def _add_class() -> None:
    try:
        collection().add_class(st.session_state[NAME])
    except PlaygroundError as error:
        st.session_state[ERROR] = str(error)


FORM = PictureForm("photographs", "Photo", ADDED, ERROR, lambda name, file: collection().add(name, file))


def _class(name: str) -> None:
    count = collection().counts[name]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{literal(name)}**: {units.counted(count, 'photo')}")
            options = {"type": "tertiary", "on_click": collection().remove_last, "args": (name,), "disabled": not count}
            st.button("Remove last", icon=":material/undo:", key=f"undo-{name}", **options)
            options = {"type": "tertiary", "on_click": collection().remove_class, "args": (name,)}
            st.button("Remove class", icon=":material/close:", key=f"remove-{name}", **options)
        if count:
            newest = collection().newest(name, SHOWN, SIDE)
            st.html(cards([CaptionedImage(thumbnail(photo), "") for photo in newest], side=64))


def _finish() -> None:
    missing = collection().missing
    if missing:
        st.caption(literal(missing))
    options = {"type": "primary", "icon": ":material/check:", "disabled": bool(missing)}
    st.button("Use these photos", key="photographs-use", on_click=_use, **options)


def _use() -> None:
    names = list(collection().counts)
    title = " and ".join(names) if len(names) == 2 else "My photos"
    try:
        with storage_errors(), tempfile.TemporaryFile() as file:
            size = collection().write_zip(file)
            dataset_choice.add(job_manager().uploads.save(owner(), title, file, size, is_private=True))
    except PlaygroundError as error:
        st.session_state[ERROR] = str(error)
