"""What a text sets on a ready-made layer: another part in the place of one, or one of its plain settings."""

from __future__ import annotations

import ast
from typing import Any

from torch import Tensor, nn

from core.parsing.evaluation.budget import bounded
from core.parsing.evaluation.core import Core
from core.parsing.evaluation.values import Bound, Function, Instance

MARKS = (bool, int, float, str, tuple, list, dict, Instance, Function, Bound, type(None))


def set_on_layer(evaluator: Core, layer: nn.Module, name: str, new: Any, node: ast.AST | None) -> None:
    """A part of a ready-made layer or network: another layer in its place, or one of its plain settings."""
    target = evaluator.alias(layer, name)
    if isinstance(new, (nn.Module, type(None))) and target in layer._modules:
        layer._modules[target] = new
    elif name in layer._parameters or name in layer._buffers:
        if name in layer._parameters and (new is None or isinstance(new, nn.Parameter)):
            layer._parameters[name] = new
        elif name in layer._buffers and (new is None or isinstance(new, Tensor)):
            layer._buffers[name] = new
        else:
            raise evaluator.fail(node, f"{name} of {type(layer).__name__} takes a parameter.")
    elif not name.startswith("_") and isinstance(layer.__dict__.get(name), (bool, int, float, str, tuple)):
        if not isinstance(new, (bool, int, float, str, tuple, list)):
            raise evaluator.fail(node, f"{name} of {type(layer).__name__} takes a number or a word.")
        setattr(layer, name, tuple(new) if isinstance(new, list) else bounded(new, node))
    elif isinstance(new, MARKS) and name[:1] != "_" and not hasattr(layer, name):  # a mark on it
        layer.__dict__[name] = bounded(new, node) if isinstance(new, (int, float, str)) else new
    elif isinstance(new, (nn.Module, nn.Parameter)) and not hasattr(layer, name):  # kept beside, as PyTorch does
        setattr(layer, name, new)
    elif callable(getattr(type(layer), name, None)):
        raise evaluator.fail(
            node, f"{name} of {type(layer).__name__} cannot be replaced here: write a class that has it."
        )
