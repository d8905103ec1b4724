"""An input through which each image of a batch keeps its own output, where the first that goes through mixes them.

`x = F.avg_pool2d(x, 8).view(-1, 640)` is made for images of 32 pixels: larger ones go through as well, as several each.
"""

from __future__ import annotations

import contextlib
import math
from typing import Any

import torch
from torch import Tensor, nn

from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Function
from core.parsing.inputs.mixed_batches import may_mix, mixes
from core.parsing.inputs.trial import BATCH, Shape, Tried, evaluating
from core.parsing.inputs.usual_inputs import candidate_inputs

MOST_OTHERS = 5  # inputs that are tried instead
CLASSES = ("num_classes", "n_classes", "nclasses", "num_class", "class_num", "classes", "n_class", "nclass")


def input_of_batch(module: EvaluatedModule, tried: Tried, notes: list[str]) -> Shape | None:
    """Another likely input that gives each item of a batch an output of its own; None where the first does, or none.

    Why that one is taken is added to the notes.
    """
    if len(tried.shape) < 2:
        return _unmixed(module, tried.shape, notes)
    if _keeps_apart(module, tried.output):
        return None
    others = [shape for shape in candidate_inputs(module) if shape != tried.shape and len(shape) == len(tried.shape)]
    others = [*others[:MOST_OTHERS], *_as_row(tried)]
    shape = next((one for one in others if _keeps_apart(module, _output(module, one), False)), None)
    if shape is not None and (mixed := _first(tried.output)) is not None:
        written, other, sizes = ("x".join(map(str, one)) for one in (shape, tried.shape, mixed.shape))
        notes.append(f"The text names no input: {written} is taken, for {other} makes {sizes} of a batch of {BATCH}.")
    return shape


def _as_row(tried: Tried) -> list[Shape]:
    """`x[:, :768].view(-1, 12, 8, 8)`: as many values in a row as one of several outputs was made of.

    >>> _as_row(Tried((12, 16, 16), torch.empty(4 * BATCH, 3)))
    [(768,)]
    """
    first = _first(tried.output)
    values = BATCH * math.prod(tried.shape)
    is_several = first is not None and first.dim() > 0 and first.shape[0] > BATCH and values % first.shape[0] == 0
    return [(values // first.shape[0],)] if first is not None and is_several else []


def _unmixed(module: EvaluatedModule, vector: Shape, notes: list[str]) -> Shape | None:
    """Another likely input where the items of a batch of vectors are taken for the steps of a sequence.

    `x + self.positions[: x.size(0)]` and `x @ x.transpose(-2, -1)` do so with vectors, and go through.
    """
    others = [shape for shape in candidate_inputs(module) if len(shape) > 1][:MOST_OTHERS]
    if not vector or not others or not may_mix(module) or not mixes(module, vector):
        return None
    shape = next((one for one in others if mixes(module, one) is False), None)
    if shape is not None:
        written = "x".join(map(str, shape))
        notes.append(
            f"The text names no input: {written} is taken, for {vector[0]} makes steps of the items of a batch."
        )
    return shape


def _output(module: nn.Module, shape: Shape) -> Any:
    device = next((parameter.device for parameter in module.parameters()), torch.device("meta"))
    with evaluating(module), contextlib.suppress(*MISFITS):
        return module(torch.empty(BATCH, *shape, device=device))
    return None


def _keeps_apart(module: EvaluatedModule, output: Any, otherwise: bool = True) -> bool:
    """Whether a table of outputs, or a row of them, has one an item of the batch, with a number a class."""
    first = _first(output)
    if first is None or first.dim() not in (1, 2):
        return otherwise
    rows, values = first.shape[0], first.shape[-1]
    if first.dim() == 1 and rows == BATCH:
        return True
    if rows != BATCH:
        return rows % BATCH > 0 and otherwise
    classes = _classes(module)
    return not classes or values == classes or values % classes > 0


def _first(output: Any) -> Tensor | None:
    while isinstance(output, (tuple, list)) and output:
        output = output[0]
    return output if isinstance(output, Tensor) else None


def _classes(module: EvaluatedModule) -> int:
    """How many classes a network was made for, 0 if its arguments do not say."""
    init = module.definition.find("__init__")
    given = {**(init.defaults if isinstance(init, Function) else {}), **module.made_with}
    found = next((given[name] for name in CLASSES if name in given), 0)
    return found if type(found) is int and found > 1 else 0
