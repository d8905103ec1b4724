"""Shapes of inputs that a function of the text takes as arguments: those typed beside it, in Keras's order."""

from __future__ import annotations

from typing import Any

from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.values import MISSING

SHAPES = ("shape", "input_shape", "image_shape", "img_shape", "in_shape")
SEVERAL = 2  # inputs, where their number is open


def open_shapes(evaluator: Evaluator, name: str, kind: str, stated: Any = None) -> Any:
    """The typed shape for an argument that is one, a list of several for one that is looped over; MISSING for others.

    Sizes that the calls of the text itself state come first. Raises: MissingShapeError where none is typed.
    """
    if isinstance(stated, tuple):
        return stated
    if evaluator.open_shape is None:
        return MISSING
    if kind == "sequence" and name.lower().removesuffix("s") in SHAPES and name.endswith("s"):
        return [evaluator.open_shape()] * SEVERAL
    return evaluator.open_shape() if kind == "shape" or name.lower() in SHAPES else MISSING
