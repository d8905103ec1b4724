"""Shapes that a text gives data whose values are not known: `images.view(-1, 28 * 28).to(device)` are rows of 784."""

from __future__ import annotations

from typing import Any

from core.parsing.evaluation.values import Unknown

RESHAPING = ("view", "reshape")
KEEPING = ("to", "cuda", "cpu", "float", "double", "half", "long", "clone", "detach", "contiguous", "requires_grad_")


def sizes_of_data(method: Unknown, args: list[Any]) -> tuple[int, ...]:
    """The sizes without the batch of what a method of unknown data returns; () where the text does not tell them.

    >>> sizes_of_data(Unknown("data", 1, "view"), [-1, 1, 28, 28])
    (1, 28, 28)
    """
    if method.name in RESHAPING:
        sizes = args[0] if len(args) == 1 and isinstance(args[0], (list, tuple)) else args
        return tuple(sizes[1:]) if all(type(one) is int and one > 0 for one in sizes[1:]) else ()
    if method.name == "unsqueeze" and method.sizes and args == [1]:
        return (1, *method.sizes)
    return method.sizes if method.name in KEEPING else ()
