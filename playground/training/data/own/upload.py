"""Upload of images: an archive, several files, or a whole folder."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import IO, Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.datasets import Understanding, understood
from core.datasets.layout_report import report
from core.errors import DataError
from core.jobs.job_spec import Source
from core.jobs.retention import KEPT_DAYS
from core.jobs.storage.uploads import UPLOAD_DAYS
from playground import controls, lesson, units
from playground.identity import owner
from playground.job_manager import job_manager

UPLOADS, REFUSED = "training uploads", "training upload refused"  # in the session's state
FILES, FOLDER = "Files", "Folder"
LABELS = {FILES: "ZIP or other archive, or image files", FOLDER: "Folder of images"}
HELP = {
    FILES: (
        "For example pets.zip with cat/1.jpg, cat/2.jpg, dog/1.jpg …, or an archive and a table of labels together."
    ),
    FOLDER: (
        "All files in it and below it are sent. For example a folder with cat/1.jpg, cat/2.jpg, dog/1.jpg … or with "
        "train and test inside."
    ),
}


PRIVACY = (
    f"Only you see them. This server deletes the files when you remove them here, and otherwise after {UPLOAD_DAYS:g} "
    f"days. A resized copy stays with your runs on them until you delete those or stay away for {KEPT_DAYS:g} days."
)


def offer_upload(name: str, add: Callable[[Source], None]) -> None:
    """An uploader; what holds a dataset is handed to `add`, and anything else is explained."""
    kind = controls.side_by_side("Your own images", LABELS, f"{name}-upload-kind")
    count = st.session_state.get(UPLOADS, 0)
    how: Any = "directory" if kind == FOLDER else True
    key = f"{name}-upload-{kind}-{count}"
    files = st.file_uploader(LABELS[kind], accept_multiple_files=how, key=key, help=HELP[kind])
    st.caption(PRIVACY)
    if not files:
        return
    if (refused := st.session_state.get(REFUSED)) and refused[0] == _ids(files):
        _explain(*refused[1:])  # they are still in the uploader, and need not be checked again
        return
    with lesson.friendly():
        source = _taken(files, kind == FOLDER)
        if source is None:
            _explain(*st.session_state[REFUSED][1:])
            return
        add(source)
        st.session_state[UPLOADS] = count + 1  # a new uploader: the server's memory need not hold the files any more
        st.rerun()


def _explain(error: str, seen: Sequence[str]) -> None:
    """Why nothing can be trained on what was uploaded, and what was seen in it."""
    lesson.refuse(error)
    if seen:
        with st.expander("What was seen"):
            st.code("\n".join(seen), language=None, wrap_lines=True)


def _taken(files: Sequence[UploadedFile], is_folder: bool) -> Source | None:
    """What was added to files that were refused, if it is a dataset by itself; else all that is in the uploader.

    Whoever uploads a mended archive leaves the first one beside it; whoever adds dog.zip to cat.zip means both.
    """
    refused = set(st.session_state.get(REFUSED, ((),))[0])
    added = [file for file in files if file.file_id not in refused]
    if added and len(added) < len(files) and not is_folder and (source := _saved(added, False, with_readings=False)):
        return source
    return _saved(files, is_folder)


def _saved(files: Sequence[UploadedFile], is_folder: bool, with_readings: bool = True) -> Source | None:
    """The upload, if it holds a dataset or could be read as one; else nothing of it is kept but why."""
    source = _kept(files, is_folder)
    try:
        understanding = understood(source.where)
    except DataError as error:
        st.session_state[REFUSED] = (_ids(files), str(error), ())
    else:
        if not understanding.refusal or (with_readings and has_other_readings(understanding)):
            return source
        st.session_state[REFUSED] = (_ids(files), understanding.refusal, report(understanding, most=12)[:-1])
    job_manager().drop_upload(source)
    return None


def has_other_readings(understanding: Understanding) -> bool:
    """Whether a click could make a dataset of what is refused as it is read."""
    return any(
        reading.key != understanding.reading and len(reading.class_counts) > 1 for reading in understanding.readings
    )


def _kept(files: Sequence[UploadedFile], is_folder: bool) -> Source:
    """One file as it is; several, or a folder, in an archive of their own.

    Raises: DataError if the disk has no room.
    """
    uploads = job_manager().uploads
    if len(files) == 1 and not is_folder:
        return uploads.save(owner(), files[0].name, files[0], files[0].size)
    named = [(file.name if is_folder else file.name.replace("/", "_"), file) for file in files]
    with tempfile.TemporaryFile() as archive:
        size_bytes = write_archive(named, archive)
        return uploads.save(owner(), title_of([name for name, _ in named]), archive, size_bytes)


def write_archive(files: Sequence[tuple[str, IO[bytes]]], archive: IO[bytes]) -> int:
    """Put files into a ZIP by their names, a second one of the same name beside it. Returns its bytes."""
    taken: set[str] = set()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as target:
        for name, file in files:
            free = free_name(name, taken)
            taken.add(free)
            file.seek(0)
            with target.open(free, "w", force_zip64=True) as member:
                shutil.copyfileobj(file, member)
    return archive.tell()


def free_name(name: str, taken: set[str]) -> str:
    """
    >>> free_name("a/1.jpg", {"a/1.jpg", "a/1 (2).jpg"}), free_name("b.jpg", set())
    ('a/1 (3).jpg', 'b.jpg')
    """
    path, number = PurePosixPath(name), 2
    while name in taken:
        name, number = str(path.with_stem(f"{path.stem} ({number})")), number + 1
    return name


def title_of(names: Sequence[str]) -> str:
    """What several files are called: the folder that was sent, or their number.

    >>> title_of(["pets/cat/1.jpg", "pets/dog/1.jpg"]), title_of(["1.jpg", "2.jpg"])
    ('pets', '2 files')
    """
    tops = {name.split("/")[0] for name in names}
    return tops.pop() if len(tops) == 1 else units.counted(len(names), "file")


def _ids(files: Sequence[UploadedFile]) -> tuple[str, ...]:
    return tuple(file.file_id for file in files)
