"""Who the visitor is: a browser, known by a secret that it keeps in a cookie and that only it and the server know.

The cookie comes with the page (`playground.server.visitor_cookie`), out of reach of scripts; on Community Cloud, where
Streamlit sends the page by itself, a script sets it. Whoever is signed in is known by their account instead.
"""

from __future__ import annotations

import hashlib
import re
import secrets

import streamlit as st

from playground import accounts
from playground.components.cookie import keep_cookie

COOKIE = "cnn-playground-visitor"  # ours: outlives the closing of the browser
STREAMLITS = "_streamlit_xsrf"  # "2|mask|token under the mask|time": the mask changes with every answer
SECRET = re.compile(r"[0-9a-f]{24,128}")
NO_COOKIE = "visitor"
_comes_with_page = False


def owner() -> str:
    """A name for this visitor that nobody else has: that of their account, or of their browser."""
    return named(accounts.account() or _secret())


def named(secret: str) -> str:
    """The name that belongs to a secret, which it does not tell."""
    return hashlib.sha256(secret.encode()).hexdigest()[:24]


def remember() -> None:
    """Have the browser keep its secret, so that it is the same visitor tomorrow, and after the server was restarted.

    Where the cookie came with the page, there is nothing to do.
    """
    if not (_comes_with_page and st.context.cookies.get(COOKIE) == _secret()):
        keep_cookie(COOKIE, _secret())


def use_cookie_of_page() -> None:
    """The server sets and renews the cookie with every page."""
    global _comes_with_page
    _comes_with_page = True


def _secret() -> str:
    """The cookie's; at a first visit the token that Streamlit gave the browser, without cookies one for this session.

    A session never changes its mind: the cookies are those of the moment at which it began.
    """
    if NO_COOKIE not in st.session_state:
        ours, streamlits = (st.context.cookies.get(name) for name in (COOKIE, STREAMLITS))
        known = ours if isinstance(ours, str) and SECRET.fullmatch(ours) else ""
        token = unmasked(streamlits).hex() if isinstance(streamlits, str) else ""
        st.session_state[NO_COOKIE] = known or (token if SECRET.fullmatch(token) else secrets.token_hex(16))
    return st.session_state[NO_COOKIE]


def unmasked(cookie: str) -> bytes:
    """The token in Streamlit's cookie; empty if there is none.

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
