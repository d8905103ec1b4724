"""Who may see how the server does: whoever knows the secret of `st.secrets` or of the environment."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
from functools import cache

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

SECRET, VARIABLE = "admin_secret", "CNN_PLAYGROUND_ADMIN_SECRET"
MIN_LENGTH = 16  # characters: a shorter one could be tried out
BEARER = "bearer "

log = logging.getLogger(__name__)


def is_configured() -> bool:
    """Whether there is a secret at all; without one nobody is let in."""
    return bool(_secret())


def is_admin(given: str) -> bool:
    """Whether that is the secret, in a time that says nothing about how much of it is right.

    Without a secret nothing is, not even the empty word.
    """
    secret = _secret()
    digests = (hashlib.sha256(word.encode(errors="surrogatepass")).digest() for word in (given, secret))
    return hmac.compare_digest(*digests) and bool(secret)


def is_admin_header(authorization: str) -> bool:
    """Whether an Authorization header carries the secret, as `Bearer SECRET`."""
    return authorization[: len(BEARER)].lower() == BEARER and is_admin(authorization[len(BEARER) :].strip())


@cache
def _secret() -> str:
    """The secret, read once; empty where there is none that is long enough."""
    secret = os.environ.get(VARIABLE, "") or _from_streamlit()
    if secret and len(secret) < MIN_LENGTH:
        log.warning("The admin secret has fewer than %d characters and is not used.", MIN_LENGTH)
        return ""
    return secret


def _from_streamlit() -> str:
    try:
        return str(st.secrets.get(SECRET, ""))
    except StreamlitSecretNotFoundError:  # there is no file of secrets
        return ""
