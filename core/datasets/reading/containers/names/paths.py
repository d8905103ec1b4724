"""Paths of members: harmless ones as `a/b.jpg`, those that lead out of the archive not at all."""

from __future__ import annotations

import re

PLAIN = re.compile(r"[^/\\:.]+(/[^/\\:.]+)*(\.[^/\\:.]+)?")
DRIVE = re.compile(r"^[A-Za-z]:(?=/)")


def safe_path(name: str) -> str | None:
    """A member's path without drive letter, leading and doubled `/` and `.`; None if `..` is in it or nothing is left.

    >>> safe_path("/pets/./cat//1.jpg"), safe_path("C:/pets/1.jpg"), safe_path("a/../../1.jpg")
    ('pets/cat/1.jpg', 'pets/1.jpg', None)
    """
    if PLAIN.fullmatch(name):  # nearly all are, and there may be 60,000
        return name
    parts = [part for part in DRIVE.sub("", name.replace("\\", "/")).split("/") if part not in ("", ".")]
    return "/".join(parts) if parts and ".." not in parts else None
