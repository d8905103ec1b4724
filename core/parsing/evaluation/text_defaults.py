"""What functions of a text take for an argument by default, for a setting of its name: `args.k`, `knn(x, k=20)`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.parsing.evaluation.values import MISSING, Class, Function


def text_default(name: str, definitions: Iterable[Any]) -> Any:
    """The number that all functions with such an argument take by default, MISSING where there is none or several."""
    functions = [
        member
        for one in definitions
        for member in (one.names.values() if isinstance(one, Class) else (one,))
        if isinstance(member, Function)
    ]
    numbers = {one.defaults[name] for one in functions if type(one.defaults.get(name)) in (int, float)}
    return numbers.pop() if len(numbers) == 1 else MISSING
