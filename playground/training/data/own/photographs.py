"""Own photos: classes that one names, filled with files or with the camera."""

from __future__ import annotations

import tempfile

import streamlit as st

from core.datasets.photo_collection import MAX_CLASSES, PhotoCollection
from core.errors import PlaygroundError
from core.images import BYTE_CAP
from core.storage_errors import storage_errors
from playground import lesson, refusal, units
from playground.charts.training import CaptionedImage, cards, thumbnail
from playground.escaping import literal
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training.data import dataset_choice
from playground.training.data.own.upload import PRIVACY

# In the session's state: the collection, an error, a name being typed; chosen files, a photo, and files already added.
COLLECTION, ERROR, NAME = "training photographs", "training photographs said", "training-class-name"
FILES, PHOTO, ADDED = "photographs-files-chosen", "photographs-shot", "training photographs known"
TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "avif", "tif", "tiff"]
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
        _fill(names)
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


def _fill(names: list[str]) -> None:
    left, right = st.columns(2)
    name = left.selectbox("Photos of", names, index=len(names) - 1, key=f"photographs-of-{len(names)}")
    source = right.segmented_control(
        "Source", ["Files", "Camera"], default="Files", required=True, key="photographs-from"
    )
    if source == "Files":
        form = st.form("photographs-files", clear_on_submit=True, border=False)
        common = {"type": TYPES, "accept_multiple_files": True, "max_upload_size": BYTE_CAP // 1_000_000}
        form.file_uploader(f"Photos of {literal(name)}", key=FILES, **common)
        button = {"icon": ":material/add:", "on_click": _add_uploaded, "args": (name, FILES)}
        form.form_submit_button(f"Add to {literal(name)}", **button)
    else:
        st.camera_input(f"Photo of {literal(name)}", key=PHOTO, on_change=_add_uploaded, args=(name, PHOTO))


def _add_uploaded(name: str, key: str) -> None:
    """Add the files that can be opened, each once, and name those that cannot."""
    uploaded, added = st.session_state[key], st.session_state.setdefault(ADDED, set())
    files = uploaded if isinstance(uploaded, list) else [uploaded] if uploaded else []
    skipped = []
    for file in (file for file in files if file.file_id not in added):
        added.add(file.file_id)
        try:
            collection().add(name, file)
        except PlaygroundError as error:
            skipped.append(f"{file.name}: {error}")
    if skipped:
        others = f" (And {len(skipped) - 1} more.)" if len(skipped) > 1 else ""
        st.session_state[ERROR] = f"{len(skipped)} of {units.counted(len(files), 'file')} skipped. {skipped[0]}{others}"


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
