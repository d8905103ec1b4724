"""The camera, live: the browser sends the middle square of its picture whenever the last one has been answered."""

from __future__ import annotations

import streamlit as st

from playground.components import bundle
from playground.markup import from_data_uri

_mount = bundle.component("live_camera")
SIDE = 224  # pixels of a frame that is sent
MOST_BYTES = 300_000  # of a frame; one of this size has a tenth


def live_camera(key: str) -> bytes | None:
    """A button that starts and stops the camera; the newest frame as a JPEG file, None as long as there is none.

    Each new frame redraws the fragment. The state keeps one frame, the newest.
    """
    numbered = f"{key} frames"
    count, frame = st.session_state.get(numbered, (0, None))

    def received() -> None:
        sent = st.session_state.get(key)
        newest = decoded(sent.get("frame") if sent is not None else None)
        st.session_state[numbered] = (count + 1, newest if newest is not None else frame)

    _mount(data={"side": SIDE, "received": count}, key=key, on_frame_change=received)
    return frame


def decoded(address: object) -> bytes | None:
    """The file of a frame as the browser sends it; None for anything else, since a browser can send anything."""
    if not isinstance(address, str) or len(address) > MOST_BYTES:
        return None
    return from_data_uri(address, "JPEG")
