"""The lessons and tools as cards: a small picture, a name, a line. Each card is one link."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from playground import catalog, thumbnails
from playground.markup import style_sheet

_STYLE = Path(__file__).with_name("home.css").read_text(encoding="utf-8")


def add_style() -> None:
    """The style sheet of the cards, their pictures included."""
    pictures = "".join(
        f".st-key-card-{page.file} {{ --card-picture: {thumbnails.as_url(page.file)}; }}\n" for page in catalog.LESSONS
    )
    st.html(style_sheet(f"{_STYLE}\n{pictures}"))


def row(name: str, pages: Sequence[catalog.Lesson]) -> None:
    """Cards side by side, as many as fit."""
    with st.container(key=f"course-{name.lower().replace(' ', '-')}"):
        for page in pages:
            with st.container(key=f"card-{page.file}"):
                st.page_link(page.path, label=f"**{page.title}** {page.blurb}", icon="", help="", width="stretch")
