"""A named network by its name as people write it: `resnet50`, `ResNet50`, `ResNet-50`."""

from __future__ import annotations

import difflib
import re

from core.errors import ParseError
from core.models import MODELS


def find(text: str) -> str:
    """The key in `MODELS` that a name means, whatever its case and hyphens.

    Raises: ParseError with the nearest names.

    >>> find("ResNet-50"), find("VGG 16")
    ('resnet50', 'vgg16')
    """
    names = {_squashed(name): key for key, model in MODELS.items() for name in (key, model.title)}
    if key := names.get(_squashed(text)):
        return key
    near = [names[name] for name in difflib.get_close_matches(_squashed(text), names, n=4, cutoff=0.6)]
    choice = f"did you mean {' or '.join(dict.fromkeys(near))}?" if near else f"use one of {', '.join(MODELS)}"
    raise ParseError(f"{text[:60]!r} is neither a known network nor a file: {choice}")


def _squashed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
