"""Pictures for one of several classes, from files or the camera."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import PlaygroundError
from core.images import BYTE_CAP
from playground import units
from playground.escaping import literal
from playground.server import disk_uploads

TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "avif", "tif", "tiff"]


@dataclass(frozen=True)
class PictureForm:
    """The form of one page: the beginning of its keys, what it calls a picture, and how one is added to a class.

    `added` and `error` are words of the session's state: for the files that were added, and for what is to be said of
    those that were not. `add` raises PlaygroundError if a file cannot be opened, or there is no room for it.
    """

    prefix: str
    noun: str
    added: str
    error: str
    add: Callable[[str, UploadedFile], None]

    def show(self, names: Sequence[str]) -> None:
        """A class, the last one at first, and files or a photo for it."""
        left, right = st.columns(2)
        name = left.selectbox(f"{self.noun}s of", names, index=len(names) - 1, key=f"{self.prefix}-of-{len(names)}")
        ways = {"default": "Files", "required": True, "key": f"{self.prefix}-from"}
        label, files, photo = f"{self.noun}s of {literal(name)}", f"{self.prefix}-files-chosen", f"{self.prefix}-photo"
        if right.segmented_control("Source", ["Files", "Camera"], **ways) == "Files":
            form = st.form(f"{self.prefix}-files", clear_on_submit=True, border=False)
            common = {"type": TYPES, "accept_multiple_files": True, "max_upload_size": BYTE_CAP // 1_000_000}
            form.file_uploader(label, key=files, **common)
            button = {"icon": ":material/add:", "on_click": self.add_files, "args": (name, files)}
            form.form_submit_button(f"Add to {literal(name)}", **button)
        else:
            label = f"{self.noun} of {literal(name)}"
            st.camera_input(label, key=photo, on_change=self.add_files, args=(name, photo))

    def add_files(self, name: str, key: str) -> None:
        """Add the files that can be opened, each once, and say which cannot."""
        files, added = disk_uploads.files_of(key), st.session_state.setdefault(self.added, set())
        skipped = []
        for file in (file for file in files if file.file_id not in added):
            added.add(file.file_id)
            try:
                self.add(name, file)
            except PlaygroundError as error:
                skipped.append(f"{file.name}: {error}")
        if skipped:
            others = f" (And {len(skipped) - 1} more.)" if len(skipped) > 1 else ""
            words = f"{len(skipped)} of {units.counted(len(files), 'file')} skipped. {skipped[0]}{others}"
            st.session_state[self.error] = words
