"""Whether the visitor sits at the computer that this server runs on. Nobody else may name folders of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from core.errors import DataError

FOLDERS = "CNN_PLAYGROUND_FOLDERS"  # a folder under which every visitor may name folders
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "cf-connecting-ip")
THIS_COMPUTER = ("localhost", "127.0.0.1", "::1")


def why_not_local(headers: Mapping[str, str], address: str | None, is_headless: bool) -> str:
    """Why folders cannot be named by whoever sent `headers` from `address`; empty if they can.

    A proxy on the same computer makes all the world look local, so each sign of one counts: forwarding headers, the
    name in the address bar (Origin), and that the server was started to serve others (headless).
    """
    known = {name.lower(): value for name, value in headers.items()}
    if address not in (None, *THIS_COMPUTER):
        return f"Your browser runs on another computer ({address}) than this server."
    if any(name in known for name in FORWARDED):
        return "Your browser reaches this server through a proxy."
    for name in ("host", "origin"):
        if name in known and _host(known[name]) not in THIS_COMPUTER:
            return f"Your browser knows this server as {_host(known[name])}, so others may reach it, too."
    if is_headless:
        return "This server was started for other users (headless)."
    return ""


def allowed_folder(text: str, is_local: bool) -> Path:
    """The folder that somebody named.

    Raises: DataError if it is none, or if it lies outside of what they may see.
    """
    path, root = Path(text.strip().strip("\"'")).expanduser(), os.environ.get(FOLDERS)
    if not text.strip():
        raise DataError("Enter a folder, such as ~/pictures/pets.")
    if not is_local and (not root or not path.resolve().is_relative_to(Path(root).expanduser().resolve())):
        raise DataError(f"Only folders under {root} can be opened here." if root else "No folder can be opened here.")
    if not path.is_dir():
        raise DataError(f"The folder {path} does not exist: check the name.")
    return path.resolve()


def _host(address: str) -> str:
    """
    >>> _host("http://localhost:8501"), _host("[::1]:8501"), _host("school.example")
    ('localhost', '::1', 'school.example')
    """
    return urlsplit(address if "//" in address else f"//{address}").hostname or ""
