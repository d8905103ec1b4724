"""Photographs of one's own: classes that one names, filled with files or with the camera."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import BinaryIO

import streamlit as st

from core.datasets.collecting import Collection
from core.errors import PlaygroundError
from playground import lesson
from playground.charts.training import Card, cards, thumbnail
from playground.jobs.orders import Source
from playground.jobs.visitor import office, owner
from playground.training.data.words import plain

COLLECTION, SAID = "training photographs", "training photographs said"  # in the session's state
ROUND = "training photographs round"  # counts what was brought: a new uploader each time, an empty one
TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "avif", "tif", "tiff"]
SHOWN, SIDE = 8, 96


def offer_photographs(bring: Callable[[Source], None]) -> None:
    """Name classes, fill them, and hand them to `bring` as a set."""
    st.fragment(_photographs)(bring)


def collection() -> Collection:
    """What this visitor has brought so far."""
    return st.session_state.setdefault(COLLECTION, Collection())


def _photographs(bring: Callable[[Source], None]) -> None:
    st.caption(
        "Two to twenty classes, such as your mug and your plant, ten or more photographs of each. They stay on this "
        "server for as long as this tab is open, and nobody else sees them."
    )
    _name_a_class()
    names = list(collection().counts)
    if names:
        _fill(names)
    for name in names:
        _class(name)
    if said := st.session_state.pop(SAID, ""):
        st.error(said, icon=":material/error:")
    _finish(bring)


def _name_a_class() -> None:
    form = st.form("training-class", clear_on_submit=True, border=False)
    with form.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name of a class", placeholder="mug", max_chars=200)
        is_sent = st.form_submit_button("Add", icon=":material/add:")
    if is_sent:
        with lesson.friendly():
            collection().add_class(name)


def _fill(names: list[str]) -> None:
    left, right = st.columns(2)
    name = left.selectbox("Photographs of", names, index=len(names) - 1, key=f"photographs-of-{len(names)}")
    ways = ["Files", "Camera"]
    way = right.segmented_control("From", ways, default="Files", required=True, key="photographs-from")
    key = f"photographs-{way}-{st.session_state.get(ROUND, 0)}"
    if way == "Files":
        files = st.file_uploader(f"Photographs of {name}", type=TYPES, accept_multiple_files=True, key=key)
    else:
        photo = st.camera_input(f"A photograph of {name}", key=key)
        files = [photo] if photo else []
    if files:
        _add(name, files)
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.rerun(scope="fragment")


def _add(name: str, files: list[BinaryIO]) -> None:
    refused = []
    for file in files:
        try:
            collection().add(name, file)
        except PlaygroundError as error:
            refused.append((file.name, str(error)))
    if refused:
        first = f"{refused[0][0]}: {refused[0][1]}"
        others = f" (And {len(refused) - 1} more.)" if len(refused) > 1 else ""
        st.session_state[SAID] = f"{len(refused)} of {len(files)} were left out. {first}{others}"


def _class(name: str) -> None:
    count = collection().counts[name]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(name)}**: {count} photograph{'' if count == 1 else 's'}")
            looks = {"type": "tertiary", "on_click": collection().remove_last, "args": (name,), "disabled": not count}
            st.button("Last one away", icon=":material/undo:", key=f"undo-{name}", **looks)
            looks = {"type": "tertiary", "on_click": collection().remove_class, "args": (name,)}
            st.button("Remove", icon=":material/close:", key=f"remove-{name}", **looks)
        if count:
            newest = collection().newest(name, SHOWN, SIDE)
            st.html(cards([Card(thumbnail(picture), "") for picture in newest], side=64))


def _finish(bring: Callable[[Source], None]) -> None:
    lacking = collection().lacking
    if lacking:
        st.caption(lacking)
    label = "Use these photographs"
    if st.button(label, type="primary", disabled=bool(lacking), icon=":material/check:", key="photographs-use"):
        with lesson.friendly(), tempfile.TemporaryFile() as file:
            size = collection().write_zip(file)
            title = " and ".join(collection().counts) if len(collection().counts) == 2 else "My photographs"
            bring(office().keep_upload(owner(), title, file, size, is_private=True))
            st.rerun()
