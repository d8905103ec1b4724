"""Every set as a card: what it is, what it costs to fetch, whose it is, and whether it is here."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from core.datasets import BUILT_IN, REMOTE, Remote, is_downloaded
from playground import units
from playground.charts.training import Card, cards
from playground.training.data import dataset_choice, downloads
from playground.training.data.own.folder import offer_folder
from playground.training.data.own.photographs import offer_photographs
from playground.training.pictures import first_pictures

COLUMNS = 3
SIDE, SHOWN = 64, 3
CLOUD = (  # what stands for pictures that are not here
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='-8 -8 40 40'%3E"
    "%3Cpath fill='%238a93a6' fill-opacity='.55' "
    "d='M19 10a7 7 0 0 0-13.6-1.5A6 6 0 0 0 6 20h13a5 5 0 0 0 0-10zm-7 8-4-4h2.5v-3h3v3H16z'/%3E%3C/svg%3E"
)


def gallery() -> None:
    """The stage while somebody looks for pictures."""
    st.markdown("### Ready-made sets")
    names = [*BUILT_IN, *REMOTE]
    for start in range(0, len(names), COLUMNS):
        for place, name in zip(st.columns(COLUMNS), names[start : start + COLUMNS], strict=False):
            with place.container(border=True, height="stretch", key=f"set-{name}"):
                _built_in(name) if name in BUILT_IN else _remote(name)
    st.markdown("### Your own")
    titles = [":material/photo_camera: Photographs", ":material/folder_open: A folder"]
    photographs, folder = st.tabs(titles, key="training-own", on_change="rerun")
    if photographs.open:
        with photographs:
            offer_photographs()
    if folder.open:
        with folder:
            offer_folder()


def _built_in(name: str) -> None:
    entry = BUILT_IN[name]
    _head(name, entry.title, entry.blurb, ":blue-badge[built in]")
    _facts(f"{entry.count:,} pictures, {len(entry.classes)} classes", "Nothing to download", entry.credit)
    st.button(
        "Use these", key=f"use-{name}", on_click=dataset_choice.take, args=(name,), type="primary", width="stretch"
    )


def _remote(name: str) -> None:
    entry = REMOTE[name]
    here, absent = ":green-badge[:material/check: on this server]", ":gray-badge[not here yet]"
    _head(name, entry.title, entry.blurb, here if is_downloaded(name) else absent)
    count = f"{entry.pictures:,} pictures, {len(entry.classes)} classes"
    _facts(count, f"{units.decimal(entry.size_bytes)}, {checked(entry)}", f"{entry.licence}. [Source]({entry.source})")
    downloads.offer(name)


def checked(entry: Remote) -> str:
    """How it is made sure that what came is what was published."""
    kind, _, value = entry.checksum.partition(":")
    return f"checked by {kind} `{value[:8]}…`" if value else "checked by its size, no checksum being published"


def _head(name: str, title: str, blurb: str, mark: str) -> None:
    is_here = name in BUILT_IN or is_downloaded(name)
    shown = first_pictures(name, SIDE, SHOWN) if is_here else [Card(CLOUD, "")] * SHOWN
    st.html(cards([replace(card, title="") for card in shown], side=40))
    st.markdown(f"**{title}** {mark}  \n{blurb}")


def _facts(count: str, size: str, licence: str) -> None:
    st.caption(f"{count}  \n{size}  \nLicence: {licence}")
    st.space("stretch")  # the buttons of a row stand level
