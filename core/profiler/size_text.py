"""Shapes as text, and sizes of inputs as they are written on the command line: one, several, or by their names."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.errors import PlaygroundError

if TYPE_CHECKING:
    from core.profiler.inputs import Inputs

Shape = tuple[int, ...]


def shape_text(shape: Sequence[int], empty: str = "", sign: str = "×") -> str:
    """A shape as people read it; `empty` is what a shape without sides is called.

    >>> shape_text((3, 224, 224)), shape_text((), "none"), shape_text((3, 32, 32), sign="x")
    ('3×224×224', 'none', '3x32x32')
    """
    return sign.join(map(str, shape)) or empty


def shape(text: str) -> Shape:
    """A size as it is written on the command line; `number` is an input without axes, such as the index of a user.

    >>> shape("3x224x224"), shape("3, 32, 32"), shape("number")
    ((3, 224, 224), (3, 32, 32), ())
    """
    if text == "number":
        return ()
    try:
        return tuple(int(side) for side in text.lower().replace("×", "x").replace(",", "x").split("x"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size: write it like 3x224x224") from None


def named_shape(text: str) -> tuple[str, Shape]:
    """The same with the name of a keyword before it, "" where there is none.

    >>> named_shape("ids=128"), named_shape("3x224x224")
    (('ids', (128,)), ('', (3, 224, 224)))
    """
    name, _, size = text.rpartition("=")
    return name.strip(), shape(size)


def inputs_of(sizes: Sequence[tuple[str, Shape]], types: Sequence[str] = ()) -> Shape | Inputs | None:
    """What a profile is given for these sizes; one size without a name and type is that size.

    Raises: PlaygroundError where some have names and some have none.
    """
    if len(sizes) == 1 and not sizes[0][0] and not types:
        return sizes[0][1]
    if not sizes:
        return None
    from core.profiler.inputs import as_inputs

    names = [name for name, _ in sizes]
    if any(names) and not all(names):
        raise PlaygroundError("give every --input a name, ids=128, or none of them: they are keywords, or in order")
    given = dict(sizes) if all(names) else [size for _, size in sizes]
    return as_inputs(given, dtype=types[0] if len(types) == 1 else list(types) or None)
