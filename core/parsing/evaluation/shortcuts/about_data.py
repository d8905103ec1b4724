"""What is about data alone: loops, lists and functions in which no name stands for a layer, or for what makes one."""

from __future__ import annotations

import ast
from typing import Any

from torch import Tensor, nn

from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.values import (
    MISSING,
    Class,
    FromPrelude,
    Function,
    Instance,
    LayerFunction,
    Namespace,
    Scope,
    Special,
    Type,
)

DEEPEST = 3  # functions that call each other
WITH_LAYERS = (nn.Module, Tensor, Instance, Class, LayerFunction, FromPrelude)
OTHERWISE = (ast.Yield, ast.Await, ast.ClassDef)  # what runs at another time, or makes classes


def is_about_data(node: ast.AST, scope: Scope, seen: set[ast.AST], depth: int = 0) -> bool:
    """Whether nothing in a loop has to do with layers or networks, as far as its names tell.

    `seen` are functions that are looked at already.

    >>> names = {"nn": Namespace("nn", {"Linear": Type("Linear", (nn.Linear,))}), "rows": [1, 2]}
    >>> loops = [ast.parse(f"for i in rows: found.append({one})") for one in ("rows[i]", "nn.Linear(3, 3)")]
    >>> [is_about_data(loop, Scope(None, names), set()) for loop in loops]
    [True, False]
    """
    parts = list(all_nodes(node))
    if any(isinstance(one, OTHERWISE if depth else (*OTHERWISE, ast.Return, ast.FunctionDef)) for one in parts):
        return False
    named = (one for one in parts if isinstance(one, (ast.Name, ast.Attribute)))
    return all(_is_plain(meant_by(one, scope), seen, depth) for one in named)


def meant_by(node: ast.expr, scope: Scope) -> Any:
    """What a name, or a name within modules, stands for; `MISSING` for anything else."""
    match node:
        case ast.Name(id=name):
            return scope.find(name)
        case ast.Attribute(value=of, attr=name) if isinstance(owner := meant_by(of, scope), Namespace):
            return owner.members.get(name, MISSING)
    return MISSING


def _is_plain(value: Any, seen: set[ast.AST], depth: int) -> bool:
    """Whether a value is neither a layer nor something that makes one."""
    if isinstance(value, Function):
        if value.node in seen:
            return True
        seen.add(value.node)
        return depth < DEEPEST and is_about_data(value.node, value.scope, seen, depth + 1)
    if isinstance(value, Type):
        return not issubclass(value.cls[0], (nn.Module, Special)) or getattr(value.cls[0], "is_data", False)
    if isinstance(value, Special):
        return value.is_data
    held = list(value[:50]) if isinstance(value, (list, tuple)) else [value]
    return not any(isinstance(one, WITH_LAYERS) or (isinstance(one, Special) and not one.is_data) for one in held)
