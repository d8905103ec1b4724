"""Short names of modules whose import is not in the text: `kl.Dense(8)`, `tnn.Linear(8, 4)`, `Fn.relu`."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Mapping
from typing import Any

from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.misspelt_names import nearest
from core.parsing.evaluation.values import Namespace

OF_FUNCTIONS = re.compile(r"(t|tn|nn|torch)?_?f(n|nn|unc|uncs|unctional)?")  # what people call nn.functional
OF_TORCH = re.compile(r"t|th|tc|pt|tch|pytorch")


def aliases(tree: ast.Module, spaces: tuple[Namespace, ...], known: Mapping[str, Any]) -> dict[str, Any]:
    """The module that each name stands for that the text never binds, where all that is taken from it is in one module.

    Args: `spaces` are the modules, the likeliest first; `known` are names that have a value without an import. What
    only functions are taken of has to be called as people call such a module.

    >>> layers = Namespace("keras.layers", {"Dense": None, "Flatten": None})
    >>> aliases(ast.parse("x = kl.Dense(8)(kl.Flatten()(x))"), (layers,), {})["kl"].name
    'keras.layers'
    """
    taken: dict[str, set[str]] = {}
    for node in all_nodes(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name):
                taken.setdefault(owner, set()).add(name)
    bound = sorted(_all_bound(tree))
    open_ones = {name for name in unbound(tree) & taken.keys() if name not in known and not hasattr(builtins, name)}
    usual = {name for name in open_ones if OF_FUNCTIONS.fullmatch(name.lower()) or OF_TORCH.fullmatch(name.lower())}
    open_ones = {name for name in open_ones if name in usual or not nearest(name, bound, lambda one: True)}
    found = {name: [one for one in spaces if _is_meant(name, one, taken[name])] for name in open_ones}
    return {name: meant[0] for name, meant in found.items() if meant}


def unbound(tree: ast.Module) -> set[str]:
    """Names that a text reads and never gives a value.

    >>> sorted(unbound(ast.parse("a = b(c)")))
    ['b', 'c']
    """
    return {node.id for node in all_nodes(tree) if isinstance(node, ast.Name)} - _all_bound(tree)


def _all_bound(tree: ast.Module) -> set[str]:
    return {name for node in all_nodes(tree) for name in _bound(node)}


def _is_meant(name: str, space: Namespace, taken: set[str]) -> bool:
    """Whether a module has all that is taken, and classes are taken of it, or it is called as usual.

    >>> functional = Namespace("F", {"relu": None})
    >>> _is_meant("Fn", functional, {"relu"}), _is_meant("utils", functional, {"relu"})
    (True, False)
    """
    usual = {"F": OF_FUNCTIONS, "torch": OF_TORCH}.get(space.name)
    is_called_so = usual is not None and usual.fullmatch(name.lower()) is not None
    has_classes = usual is None and any(one[:1].isupper() for one in taken)
    return taken <= space.members.keys() and (is_called_so or has_classes)


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
