"""What cannot be done, in one sentence on the page, and the rest of the page stays."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import PlaygroundError
from core.storage_errors import storage_errors
from playground.escaping import sentence

ICON = ":material/error:"


@contextlib.contextmanager
def friendly() -> Iterator[None]:
    """Bad input inside, and what the server's disk refuses, becomes one clear sentence."""
    try:
        with storage_errors():
            yield
    except PlaygroundError as error:
        refuse(str(error))


def refuse(why: str, container: DeltaGenerator | None = None) -> None:
    """An error in one sentence, on whatever it is about; what a link or a file has brought into it is shown as text."""
    (st if container is None else container).error(sentence(why), icon=ICON)


@contextlib.contextmanager
def toasted() -> Iterator[None]:
    """As `friendly`, for what a widget calls: there is no place on the page yet, so the sentence floats over it.

    Also a decorator.
    """
    try:
        with storage_errors():
            yield
    except PlaygroundError as error:
        st.toast(sentence(str(error)), icon=ICON, duration="long")
