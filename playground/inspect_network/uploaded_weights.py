"""A network from a file of weights that was downloaded here: it is kept for this visit alone."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.datasets import BUILT_IN, ImageDataset, load
from core.errors import PlaygroundError
from core.images import sample, to_square
from core.limits import limits
from core.training import TrainedModel
from core.training.results import network_input
from core.training.weights_file import check_size, read_weights
from playground import computation_gate, refusal
from playground.inspect_network.network_source import PHOTOGRAPHS, NetworkSource
from playground.server import disk_uploads

KEY, FILE = "uploaded-weights", "inspect-weights"
NETWORK = "inspect uploaded network"  # in the session's state: the file's id, and its network or the reason
IMAGES = 40
PRIVACY = "This server keeps the file, for you alone, until you remove it or close the page."


def offer(network_key: str) -> None:
    """The uploader, and why a file is refused; a network that can be read is chosen under `network_key`."""
    with st.popover("Open weights", icon=":material/upload_file:"):
        label, help = "Weights (safetensors)", "As the Download tab of a finished run on the Training page gives them."
        st.file_uploader(label, key=FILE, help=help, on_change=_choose, args=(network_key,))
        st.caption(PRIVACY)
        with refusal.friendly():
            _trained()


def sources() -> dict[str, NetworkSource]:
    """The network of the uploaded file; none where there is no file or it is refused."""
    try:
        trained = _trained()
    except PlaygroundError:
        return {}
    return {} if trained is None else {KEY: _source(trained, st.session_state[FILE])}


def _choose(network_key: str) -> None:
    if sources():
        st.session_state[network_key] = KEY


def _trained() -> TrainedModel | None:
    """The network in the uploader. Raises: PlaygroundError with the reason why it cannot be read."""
    file = next(iter(disk_uploads.files_of(FILE)), None)
    known = st.session_state.get(NETWORK)
    if known is not None and (file is None or known[0] != file.file_id):
        known = None
        del st.session_state[NETWORK]
    if file is None:
        return None
    if known is None:
        st.session_state[NETWORK] = known = file.file_id, _read(file)
    if isinstance(known[1], PlaygroundError):
        raise PlaygroundError(str(known[1]))
    return known[1]


@computation_gate.in_turn
def _read(file: UploadedFile) -> TrainedModel | PlaygroundError:
    """A refused file is not read again as long as it lies in the uploader."""
    try:
        check_size(file.size, limits().weights_bytes)
        return read_weights(disk_uploads.path_of(file) or file.getvalue())
    except PlaygroundError as error:
        return error


def _source(trained: TrainedModel, file: UploadedFile) -> NetworkSource:
    """The network; its `key` is that of this very file, for what is computed of it is kept by the key."""
    data = _images_of(trained.classes, trained.size)

    def picture(number: int) -> tuple[np.ndarray, int | None]:
        if data is None:
            return to_square(sample(PHOTOGRAPHS[number]), trained.size), None
        return data.images[number].permute(1, 2, 0).contiguous().numpy(), int(data.labels[number])

    return NetworkSource(
        f"{KEY}-{file.file_id}",
        f"Uploaded: {file.name}",
        lambda: trained.model,
        lambda: trained.classes,
        trained.size,
        lambda: len(PHOTOGRAPHS) if data is None else len(data),
        picture,
        lambda pixels: network_input(pixels, trained.normalize),
        is_private=True,
    )


@st.cache_resource(max_entries=4, show_spinner=False)
def _images_of(classes: tuple[str, ...], size: int) -> ImageDataset | None:
    """Images of a built-in dataset with these classes; None if none has them."""
    name = next((name for name, entry in BUILT_IN.items() if entry.classes == classes), None)
    return load(name, size, limit=IMAGES) if name is not None else None
