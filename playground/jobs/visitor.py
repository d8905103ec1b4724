"""Whose run it is: the browser's, for as long as it keeps the cookie that Streamlit gives every browser."""

from __future__ import annotations

import hashlib
import secrets

import streamlit as st

from playground.jobs.office import Office

COOKIE = "_streamlit_xsrf"  # "2|mask|token under the mask|time": the mask changes with every answer, the token stays
NO_COOKIE = "visitor"


@st.cache_resource(show_spinner=False, on_release=Office.close)
def office() -> Office:
    """The one office of this server. What it gives out depends on who asks."""
    return Office()


def owner() -> str:
    """A name for this browser that no other browser has; without a cookie, one for this session."""
    cookie = st.context.cookies.get(COOKIE)
    token = unmasked(cookie) if isinstance(cookie, str) else b""
    if token:
        return hashlib.sha256(token).hexdigest()[:24]
    return st.session_state.setdefault(NO_COOKIE, secrets.token_hex(12))


def unmasked(cookie: str) -> bytes:
    """The token in the cookie; empty if there is none.

    >>> unmasked("2|0f0f0f0f|6e6d6c6b6a|1700000000")
    b'abcde'
    >>> unmasked("garbage")
    b''
    """
    parts = cookie.strip('"').split("|")
    try:
        mask, masked = bytes.fromhex(parts[1]), bytes.fromhex(parts[2])
    except (IndexError, ValueError):
        return b""
    return bytes(byte ^ mask[i % len(mask)] for i, byte in enumerate(masked)) if mask else b""
