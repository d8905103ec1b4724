"""Signing in, where whoever runs the server has set up an OpenID Connect provider: then runs follow the account.

It is off without a section `[auth]` in Streamlit's secrets, and without Authlib; docs/hosting.md says how it is set up.
"""

from __future__ import annotations

import importlib.util
import logging
from functools import cache

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from playground.escaping import literal

SECTION = "auth"  # of Streamlit's secrets
LIBRARY = "authlib"

log = logging.getLogger(__name__)


@cache
def is_configured() -> bool:
    """Whether visitors can sign in; looked up once."""
    try:
        is_wanted = SECTION in st.secrets
    except StreamlitSecretNotFoundError:  # there is no file of secrets
        return False
    if is_wanted and importlib.util.find_spec(LIBRARY) is None:
        log.warning("Nobody can sign in: `[auth]` is set, but Authlib is missing (deploy/requirements-sign-in.txt).")
        return False
    return is_wanted


def account() -> str:
    """What tells the visitor's account from all others: the provider and its name for them. Empty if not signed in."""
    if not is_configured() or not st.user.get("is_logged_in"):
        return ""
    issuer, subject = st.user.get("iss"), st.user.get("sub")
    return f"{issuer}\n{subject}" if issuer and subject else ""


def offer() -> None:
    """A button to sign in or out; nothing where nobody can."""
    if not is_configured():
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if account():
            name = st.user.get("name") or st.user.get("email") or "your account"
            st.caption(f"Signed in as {literal(str(name))}: your runs are kept with this account.")
            st.button("Sign out", icon=":material/logout:", on_click=st.logout, key="sign-out")
        else:
            st.button("Sign in", icon=":material/login:", on_click=st.login, key="sign-in")
            st.caption("Your runs are kept with this browser. Signed in, you find those of your account anywhere.")
