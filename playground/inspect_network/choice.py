"""What is inspected: the controls of a network and of one image.

A link holds `run`, a finished run of this visitor, and `picture`, the number of one of its images.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import streamlit as st

from core.datasets.cachedir import cache_folder
from core.images import open_square
from core.jobs.storage.run_store import has_runs
from core.knobs import Knob
from core.lessons.inspect_network import Subject
from playground import controls, lesson, link_aliases
from playground.identity import owner
from playground.inspect_network import untrained, uploaded_weights
from playground.inspect_network.link import PICTURE, RUN
from playground.inspect_network.network_source import NetworkSource, sources

NETWORK, INPUT = "network", "input"  # in the address bar
WEIGHTS = "weights"
NETWORK_WIDTH = 240  # px: what the longest name of an included network needs
INCLUDED_IMAGE, DRAW, UPLOAD, CAMERA = "Included image", "Draw", "Upload", "Camera"
MISSING = {
    UPLOAD: "Choose an image file: then the network is shown on it.",
    CAMERA: "Take a photo: then the network is shown on it.",
}
UNKNOWN_RUN = (
    "The run in this link cannot be opened now: it has not ended, its images are not on this server, it has been "
    "deleted, or it belongs to somebody else. Another network is shown."
)
DRAWN = "your drawing"
STROKES = "inspect drawing"  # in the session's state: what was drawn, uint8 (side, side)


def choose() -> tuple[Subject | None, str]:
    """The controls, in a row: what is chosen, None where there is nothing yet, and what is to be known of it."""
    with lesson.friendly():
        with st.container(horizontal=True, vertical_alignment="bottom"):
            source, subject = _row()
        if subject is None:
            return None, MISSING[st.session_state[INPUT]]
        return subject, source.note or (UNKNOWN_RUN if RUN in st.query_params and not source.run_id else "")
    return None, ""


def _row() -> tuple[NetworkSource, Subject | None]:
    known = sources() | _runs() | uploaded_weights.sources() | untrained.sources()
    _open_linked_run(known)
    with st.container(width=NETWORK_WIDTH):
        source = known[controls.pick("Network", {key: one.title for key, one in known.items()}, NETWORK, room=0)]
    _keep_run_in_address(source, known)
    moments = [checkpoint.title for checkpoint in source.checkpoints()]
    moment = moments.index(controls.pick("Weights", moments[::-1], WEIGHTS, room=0)) if moments else 0
    uploaded_weights.offer(NETWORK)
    ways = [INCLUDED_IMAGE, *([DRAW] if source.draws else []), UPLOAD, CAMERA]
    has_picture = PICTURE in st.query_params
    way = controls.pick("Image", ways, INPUT, DRAW if source.draws and not has_picture else INCLUDED_IMAGE, room=0)
    subject = WAYS[way](source)
    return source, subject.at(moment) if subject is not None and moments else subject


def _runs() -> dict[str, NetworkSource]:
    """The finished runs of this visitor. What opens them is imported by those who have some: Dask alone takes 25 MB."""
    if not has_runs(cache_folder("training"), owner()):
        return {}
    from playground.inspect_network import finished_runs

    return finished_runs.sources()


def _open_linked_run(known: Mapping[str, NetworkSource]) -> None:
    """The network of the run that a link names, when the page is opened."""
    run = st.query_params.get(RUN)
    if run in known and NETWORK not in st.session_state:
        link_aliases.put(NETWORK, known[run].title)


def _keep_run_in_address(source: NetworkSource, known: Mapping[str, NetworkSource]) -> None:
    """Its number in the list of runs changes, so the address names the run itself, too.

    A run that cannot be opened stays there, and is spoken of, until a network is chosen: the first is shown until then.
    """
    if source.run_id:
        st.query_params[RUN] = source.run_id
    elif st.query_params.get(RUN) in known or source is not next(iter(known.values())):
        st.query_params.pop(RUN, None)


def _included(source: NetworkSource) -> Subject:
    number = controls.widget("picture", Knob(0, 0, source.count() - 1, typed=True, label="Image number"), PICTURE)
    return included(source, number)


def included(source: NetworkSource, number: int) -> Subject:
    """A network on one of the images that come with it."""
    pixels, label = source.picture(number)
    return source.subject(pixels, f"image {number}", label)


def _drawn(source: NetworkSource) -> Subject:
    grey = st.session_state.get(STROKES)
    if grey is None or grey.shape != (source.side, source.side):
        pixels, _ = source.picture(source.example)
    else:
        pixels = np.repeat(grey[..., None], 3, axis=2)
    return replace(source.subject(pixels, DRAWN, None, is_own=True), is_drawn=True)


def _uploaded(source: NetworkSource) -> Subject | None:
    file = st.file_uploader("Image file", key="inspect-file")
    return source.subject(open_square(file, source.side), "your image", None, is_own=True) if file else None


def _camera(source: NetworkSource) -> Subject | None:
    file = st.camera_input("Photo", key="inspect-photo")
    return source.subject(open_square(file, source.side), "your photo", None, is_own=True) if file else None


WAYS: dict[str, Callable[[NetworkSource], Subject | None]] = {
    INCLUDED_IMAGE: _included,
    DRAW: _drawn,
    UPLOAD: _uploaded,
    CAMERA: _camera,
}
