"""A folder of the computer that one sits at: it is only read, nothing is copied. Nobody else may name folders of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import streamlit as st

from core.datasets import listing_of, understood
from core.datasets.reading.containers.folder import SHARED_FOLDERS, path_of
from core.errors import DataError, PlaygroundError
from core.jobs.job_spec import Source
from playground import lesson
from playground.escaping import literal
from playground.training.data import dataset_choice
from playground.training.data.own.upload import has_other_readings

ERROR, NAME = "training folder error", "training-folder-name"  # in the session's state
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "cf-connecting-ip")
THIS_COMPUTER = ("localhost", "127.0.0.1", "::1")


def offer_folder() -> None:
    """A line for the folder's name, where that is allowed, or why it is not."""
    why_not = _why_not()
    if why_not and not os.environ.get(SHARED_FOLDERS):
        st.info(
            f"{literal(why_not)} A folder can be opened only if browser and server run on the same computer: zip the "
            f"folder and upload it. Whoever runs the server can allow one for everybody by `{SHARED_FOLDERS}`.",
            icon=":material/lock:",
        )
        return
    with st.form("training-folder", border=False):
        st.text_input("Folder of images on this computer", placeholder="~/pictures/pets", key=NAME)
        st.form_submit_button("Use this folder", icon=":material/folder_open:", on_click=_use)
    if error := st.session_state.pop(ERROR, ""):
        lesson.refuse(error)


def _why_not() -> str:
    return why_not_local(st.context.headers, st.context.ip_address, st.get_option("server.headless"))


def _use() -> None:
    try:
        path = allowed_folder(st.session_state[NAME], is_local=not _why_not())
        understanding = understood(path)
        if understanding.refusal and not has_other_readings(understanding):
            raise DataError(understanding.refusal)
        dataset_choice.add(Source(path.name, path=str(path), stamp=listing_of(path).fingerprint))
    except PlaygroundError as error:
        st.session_state[ERROR] = str(error)


def why_not_local(headers: Mapping[str, str], address: str | None, is_headless: bool) -> str:
    """Why folders cannot be named by whoever sent `headers` from `address`; empty if they can.

    A proxy on the same computer makes all the world look local, so each sign of one counts: forwarding headers, the
    name in the address bar (Origin), and that the server was started to serve others (headless).
    """
    known = {name.lower(): value for name, value in headers.items()}
    if address not in (None, *THIS_COMPUTER):
        return f"Your browser runs on another computer ({address}) than this server."
    if any(name in known for name in FORWARDED):
        return "Your browser reaches this server through a proxy."
    for name in ("host", "origin"):
        if name in known and _host(known[name]) not in THIS_COMPUTER:
            return f"Your browser knows this server as {_host(known[name])}, so others may reach it, too."
    if is_headless:
        return "This server was started for other users (headless)."
    return ""


def allowed_folder(text: str, is_local: bool) -> Path:
    """The folder that somebody named.

    Raises: DataError if it is none, or if it lies outside of what they may see.
    """
    path, root = path_of(text.strip().strip("\"'")), os.environ.get(SHARED_FOLDERS)
    if not text.strip():
        raise DataError("Enter a folder, such as ~/pictures/pets.")
    if not is_local and (not root or not path.resolve().is_relative_to(Path(root).expanduser().resolve())):
        raise DataError(f"Only folders under {root} can be opened here." if root else "No folder can be opened here.")
    if not path.is_dir():
        raise DataError(f"The folder {path} does not exist: check the name.")
    return path.resolve()


def _host(address: str) -> str:
    """
    >>> _host("http://localhost:8501"), _host("[::1]:8501"), _host("school.example")
    ('localhost', '::1', 'school.example')
    """
    return urlsplit(address if "//" in address else f"//{address}").hostname or ""
