"""Names of files and classes: their parts, their order, and what of them can be shown."""

from __future__ import annotations

import re

DIGITS = re.compile(r"([0-9]+)")
SUFFIX = re.compile(r"jpe?g|jpe|jfif|png|gif|bmp|webp|tiff?|avif|p[pgbn]m|hei[cf]", re.IGNORECASE)


def path_parts(path: str) -> tuple[str, ...]:
    """Folders and file; an archive may have been made on Windows."""
    return tuple(part for part in path.replace("\\", "/").split("/") if part != ".")


def is_image_name(parts: tuple[str, ...]) -> bool:
    """By its name: no system file, nothing hidden, no way out of the archive, and an image's suffix or none."""
    if any(not part or part.startswith((".", "__MACOSX")) or ":" in part for part in parts):
        return False
    _, dot, suffix = parts[-1].rpartition(".")
    return not dot or SUFFIX.fullmatch(suffix) is not None


def printable(class_name: str) -> str:
    """A folder's name, fit to be shown."""
    return "".join(letter for letter in class_name if letter.isprintable())[:60] or "unnamed"


def natural(text: str) -> list[tuple[int, int, str]]:
    """A sort key by which 2.jpg comes before 10.jpg.

    >>> sorted(["10.jpg", "2.jpg"], key=natural)
    ['2.jpg', '10.jpg']
    """
    parts = [part for part in DIGITS.split(text) if part]
    return [(0, len(part.lstrip("0")), part.lstrip("0")) if part.isdecimal() else (1, 0, part) for part in parts]
