"""What settings of which nothing is known give for a name that a text reads with a default."""

from __future__ import annotations

import re
from typing import Any

from core.parsing.evaluation.values import MISSING, Unknown

METHODS = ("get", "pop")
SETTING = re.compile(r"[A-Za-z_][\w.-]*")


def default_of_item(function: Unknown, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """The default of `settings.get("width", 64)`; MISSING where the text says none, or only None.

    >>> default_of_item(Unknown("", 1, "get", path="settings.get"), ["width", 64], {})
    64
    """
    given = [*args, *kwargs.values()]
    if function.name not in METHODS or len(given) != 2 or not set(kwargs) <= {"default"}:
        return MISSING
    name, default = given
    if not isinstance(name, str) or not SETTING.fullmatch(name):
        return MISSING
    return MISSING if default is None or isinstance(default, Unknown) else default
