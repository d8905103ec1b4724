"""Every dataset as a card: what it is, the size of its download, its licence, and whether it is here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from core.datasets import BUILT_IN, REMOTE, RemoteDataset, is_downloaded
from playground import lesson, markup, units
from playground.charts.training import CaptionedImage, cards
from playground.training.data import dataset_choice, downloads
from playground.training.data.own.folder import offer_folder
from playground.training.data.own.photographs import offer_photos
from playground.training.pictures import first_images

COLUMNS = 3
SIDE, SHOWN = 64, 3
ARROW = "M19 10a7 7 0 0 0-13.6-1.5A6 6 0 0 0 6 20h13a5 5 0 0 0 0-10zm-7 8-4-4h2.5v-3h3v3H16z"
# instead of images that are not here
CLOUD = markup.icon_uri(markup.element("path", fill="#8a93a6", fill_opacity=0.55, d=ARROW), "-8 -8 40 40")


def gallery() -> None:
    """The stage while somebody chooses a dataset."""
    st.markdown("## Ready-made datasets")
    names = [*BUILT_IN, *REMOTE]
    for start in range(0, len(names), COLUMNS):
        for column, name in zip(st.columns(COLUMNS), names[start : start + COLUMNS], strict=False):
            with column.container(border=True, height="stretch", key=f"set-{name}"):
                _built_in(name) if name in BUILT_IN else _remote(name)
    st.markdown("## Your own images")
    own = {":material/photo_camera: Photos": offer_photos, ":material/folder_open: Folder": offer_folder}
    for offer in lesson.open_tab(own, "training-own"):
        offer()


def _built_in(name: str) -> None:
    entry = BUILT_IN[name]
    _describe(name, entry, ":blue-badge[built in]", entry.count, "Nothing to download", entry.credit)
    dataset_choice.use_button(name)


def _remote(name: str) -> None:
    entry = REMOTE[name]
    here, missing = ":green-badge[:material/check: on this server]", ":gray-badge[not downloaded]"
    size, licence = f"{units.decimal(entry.size_bytes)}, {checked(entry)}", f"{entry.licence}. [Source]({entry.source})"
    _describe(name, entry, here if is_downloaded(name) else missing, entry.pictures, size, licence)
    downloads.offer(name)


def checked(entry: RemoteDataset) -> str:
    """How a download is verified."""
    kind, _, value = entry.checksum.partition(":")
    return f"verified by {kind.upper()} `{value[:8]}…`" if value else "verified by size (no checksum published)"


def _describe(name: str, entry: Any, mark: str, count: int, size: str, licence: str) -> None:
    is_here = name in BUILT_IN or is_downloaded(name)
    shown = first_images(name, SIDE, SHOWN) if is_here else [CaptionedImage(CLOUD, "")] * SHOWN
    st.html(cards([replace(card, title="") for card in shown], side=40))
    st.markdown(f"**{entry.title}** {mark}  \n{entry.blurb}")
    st.caption(f"{count:,} images, {len(entry.classes)} classes  \n{size}  \nLicence: {licence}")
    st.space("stretch")  # the buttons of a row are aligned
