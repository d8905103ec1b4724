"""Whether a network works on the items of a batch one by one: batches of two sizes show it."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.inputs.other_axes import TURNING, nodes_of
from core.parsing.inputs.trial import BATCH, Shape, evaluating

OTHER_BATCH = 3
COMBINING = {*TURNING, "t", "T", "mT", "matmul", "bmm", "mm", "cdist", "unsqueeze", "expand", "repeat", "outer"}


class RecordedShapes(TorchFunctionMode):
    """Inside of it, the shape of each tensor is kept that a function gives."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[Shape] = []

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        output = func(*args, **(kwargs or {}))
        if isinstance(output, Tensor):
            self.shapes.append(tuple(output.shape))
        return output


def may_mix(module: nn.Module) -> bool:
    """Whether a network of a text has more than layers one after the other: tables of its own, axes that it turns."""
    parts = [part for part in module.modules() if isinstance(part, EvaluatedModule)]
    names = {one.attr for one in nodes_of(module) if isinstance(one, ast.Attribute)}
    return any(part._parameters or part._buffers for part in parts) or not COMBINING.isdisjoint(names)


def mixes(module: nn.Module, shape: Shape) -> bool | None:
    """Whether two axes of a tensor are as long as the batch, in a batch of any size; None where it does not go through.

    So is the table of what each item of the batch has to do with each other one. Only a batch of one certain size goes
    through where the items are combined with rows of a table.
    """
    smaller = _shapes(module, shape, BATCH)
    if smaller is None:
        return None
    larger = _shapes(module, shape, OTHER_BATCH)
    if larger is None or len(smaller) != len(larger):
        return True
    return any(_grows_twice(*pair) for pair in zip(smaller, larger, strict=True))


def _grows_twice(smaller: Shape, larger: Shape) -> bool:
    axes = [pair for pair in zip(smaller, larger, strict=False) if pair == (BATCH, OTHER_BATCH)]
    return len(axes) > 1 or len(smaller) != len(larger)


def _shapes(module: nn.Module, shape: Shape, batch: int) -> list[Shape] | None:
    device = next((parameter.device for parameter in module.parameters()), torch.device("meta"))
    with evaluating(module), contextlib.suppress(*MISFITS), RecordedShapes() as recorded:
        module(torch.empty(batch, *shape, device=device))
        return recorded.shapes
    return None
