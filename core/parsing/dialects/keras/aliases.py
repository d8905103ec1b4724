"""Short names of Keras's modules whose import is not in the text: `kl.Dense(8)`, `km.Model(x, y)`."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from typing import Any

from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.misspelt_names import nearest
from core.parsing.evaluation.values import Namespace


def aliases(tree: ast.Module, spaces: tuple[Namespace, ...], known: Mapping[str, Any]) -> dict[str, Any]:
    """The module that each name stands for that the text never binds, where all that is taken from it is in one module.

    Args: `spaces` are the modules, the likeliest first; `known` are names that have a value without an import.

    >>> layers = Namespace("keras.layers", {"Dense": None, "Flatten": None})
    >>> aliases(ast.parse("x = kl.Dense(8)(kl.Flatten()(x))"), (layers,), {})["kl"].name
    'keras.layers'
    """
    nodes = list(all_nodes(tree))
    taken: dict[str, set[str]] = {}
    for node in nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)):
                taken.setdefault(owner, set()).add(name)
    bound = {name for node in nodes for name in _bound(node)}
    open_ones = {name for name in taken if name not in bound and name not in known and not hasattr(builtins, name)}
    open_ones = {name for name in open_ones if not nearest(name, sorted(bound), lambda one: True)}
    found = {name: next((one for one in spaces if taken[name] <= one.members.keys()), None) for name in open_ones}
    return {name: space for name, space in found.items() if space is not None and any(map(_is_class, taken[name]))}


def _is_class(name: str) -> bool:
    return name[:1].isupper()


def _bound(node: ast.AST) -> list[str]:
    """Names that a statement or an argument gives a value."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            return [name]
        case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [(one.asname or one.name).split(".")[0] for one in names]
    return []
