"""Photographs of one's own: classes that one names, filled with files or with the camera."""

from __future__ import annotations

import tempfile

import streamlit as st

from core.datasets.photo_collection import Collection
from core.errors import PlaygroundError
from core.images import BYTE_CAP
from core.jobs.storage.uploads import UPLOAD_DAYS
from playground import lesson
from playground.charts.training import Card, cards, thumbnail
from playground.escaping import literal
from playground.identity import owner
from playground.job_manager import job_manager
from playground.training.data import dataset_choice

# In the session's state: what was brought, what was wrong with it, a name that is being typed; files, and those known.
COLLECTION, SAID, NAME = "training photographs", "training photographs said", "training-class-name"
FILES, SHOT, KNOWN = "photographs-files-chosen", "photographs-shot", "training photographs known"
TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "avif", "tif", "tiff"]
SHOWN, SIDE = 8, 96


def offer_photographs() -> None:
    """Name classes, fill them, and choose them as a set."""
    st.fragment(_photographs)()


def collection() -> Collection:
    """What this visitor has brought so far."""
    return st.session_state.setdefault(COLLECTION, Collection())


def _photographs() -> None:
    dataset_choice.follow()
    st.caption(
        "Two to twenty classes, such as your mug and your plant, ten or more photographs of each. Nobody else sees "
        f"them; this server forgets them when you remove them, and otherwise after {UPLOAD_DAYS:g} days."
    )
    _name_a_class()
    names = list(collection().counts)
    if names:
        _fill(names)
    for name in names:
        _class(name)
    if said := st.session_state.pop(SAID, ""):
        lesson.refuse(said)
    _finish()


def _name_a_class() -> None:
    form = st.form("training-class", clear_on_submit=True, border=False)
    with form.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Name of a class", placeholder="mug", max_chars=200, key=NAME)
        st.form_submit_button("Add", icon=":material/add:", on_click=_named)


def _named() -> None:
    try:
        collection().add_class(st.session_state[NAME])
    except PlaygroundError as error:
        st.session_state[SAID] = str(error)


def _fill(names: list[str]) -> None:
    left, right = st.columns(2)
    name = left.selectbox("Photographs of", names, index=len(names) - 1, key=f"photographs-of-{len(names)}")
    ways = ["Files", "Camera"]
    way = right.segmented_control("From", ways, default="Files", required=True, key="photographs-from")
    if way == "Files":
        form = st.form("photographs-files", clear_on_submit=True, border=False)
        common = {"type": TYPES, "accept_multiple_files": True, "max_upload_size": BYTE_CAP // 1_000_000}
        form.file_uploader(f"Photographs of {literal(name)}", key=FILES, **common)
        form.form_submit_button(f"Add to {literal(name)}", icon=":material/add:", on_click=_brought, args=(name, FILES))
    else:
        st.camera_input(f"A photograph of {literal(name)}", key=SHOT, on_change=_brought, args=(name, SHOT))


def _brought(name: str, key: str) -> None:
    """Keep what can be opened, each file once, and say what cannot."""
    brought, known = st.session_state[key], st.session_state.setdefault(KNOWN, set())
    files = brought if isinstance(brought, list) else [brought] if brought else []
    refused = []
    for file in (file for file in files if file.file_id not in known):
        known.add(file.file_id)
        try:
            collection().add(name, file)
        except PlaygroundError as error:
            refused.append(f"{file.name}: {error}")
    if refused:
        others = f" (And {len(refused) - 1} more.)" if len(refused) > 1 else ""
        st.session_state[SAID] = f"{len(refused)} of {len(files)} were left out. {refused[0]}{others}"


def _class(name: str) -> None:
    count = collection().counts[name]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{literal(name)}**: {count} photograph{'' if count == 1 else 's'}")
            looks = {"type": "tertiary", "on_click": collection().remove_last, "args": (name,), "disabled": not count}
            st.button("Last one away", icon=":material/undo:", key=f"undo-{name}", **looks)
            looks = {"type": "tertiary", "on_click": collection().remove_class, "args": (name,)}
            st.button("Remove", icon=":material/close:", key=f"remove-{name}", **looks)
        if count:
            newest = collection().newest(name, SHOWN, SIDE)
            st.html(cards([Card(thumbnail(picture), "") for picture in newest], side=64))


def _finish() -> None:
    lacking = collection().lacking
    if lacking:
        st.caption(literal(lacking))
    looks = {"type": "primary", "icon": ":material/check:", "disabled": bool(lacking)}
    st.button("Use these photographs", key="photographs-use", on_click=_use, **looks)


def _use() -> None:
    names = list(collection().counts)
    title = " and ".join(names) if len(names) == 2 else "My photographs"
    try:
        with tempfile.TemporaryFile() as file:
            size = collection().write_zip(file)
            dataset_choice.bring(job_manager().save_upload(owner(), title, file, size, is_private=True))
    except PlaygroundError as error:
        st.session_state[SAID] = str(error)
