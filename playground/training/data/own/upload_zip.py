"""Upload of a ZIP of class folders."""

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
    "For example pets.zip with cat/1.jpg, cat/2.jpg, dog/1.jpg … The decoded images stay on this server for a while, "
    "so that the same ZIP need not be decoded again."
)


def offer_zip(name: str, add: Callable[[Source], None]) -> None:
    """An uploader; a ZIP that holds a dataset is handed to `add`, and anything else is explained."""
    count = st.session_state.get(UPLOADS, 0)
    label, key = "Your own images: ZIP with one folder per class", f"{name}-upload-{count}"
    file = st.file_uploader(label, type="zip", key=key, help=HELP)
    if file is None:
        return
    refused, error = st.session_state.get(REFUSED, ("", ""))
    with lesson.friendly():
        if refused == file.file_id:  # it is still in the uploader, and need not be checked again
            raise DataError(error)
        add(_saved(file))
        st.session_state[UPLOADS] = count + 1  # a new uploader: the server's memory need not hold the file any more
        st.rerun()


def _saved(file: UploadedFile) -> Source:
    """Raises: DataError if the ZIP holds no dataset, and then nothing of it is kept."""
    source = job_manager().uploads.save(owner(), file.name, file, file.size)
    try:
        survey(Path(source.path))
    except DataError as error:
        job_manager().drop_upload(source)
        st.session_state[REFUSED] = (file.file_id, str(error))
        raise
    return source
