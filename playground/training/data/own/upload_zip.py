"""A zip of one's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.datasets import survey
from core.errors import DataError
from core.jobs.job_spec import Source
from playground import lesson
from playground.identity import owner
from playground.job_manager import job_manager

UPLOADS, REFUSED = "training uploads", "training zip refused"  # in the session's state
HELP = (
    "Such as pets.zip with cat/1.jpg, cat/2.jpg, dog/1.jpg ... Its decoded pictures stay on this server for a while, "
    "so that the same zip need not be decoded again."
)


def offer_zip(place: str, bring: Callable[[Source], None]) -> None:
    """An uploader; a zip that holds a set is handed to `bring`, and anything else is explained."""
    count = st.session_state.get(UPLOADS, 0)
    label, key = "Or your own: a zip with a folder for each class", f"{place}-upload-{count}"
    file = st.file_uploader(label, type="zip", key=key, help=HELP)
    if file is None:
        return
    refused, sentence = st.session_state.get(REFUSED, ("", ""))
    with lesson.friendly():
        if refused == file.file_id:  # it lies in the uploader still, and need not be looked at again
            raise DataError(sentence)
        bring(_kept(file))
        st.session_state[UPLOADS] = count + 1  # a new uploader: the server's memory need not hold the file any more
        st.rerun()


def _kept(file: UploadedFile) -> Source:
    """Raises: DataError if the zip holds no set, and then nothing of it is kept."""
    source = job_manager().save_upload(owner(), file.name, file, file.size)
    try:
        survey(Path(source.path))
    except DataError as error:
        job_manager().drop_upload(source)
        st.session_state[REFUSED] = (file.file_id, str(error))
        raise
    return source
