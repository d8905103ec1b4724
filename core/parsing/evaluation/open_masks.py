"""Masks that a `forward` is given and that may be None: nothing is masked then."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from core.parsing.clean.per_node import OncePerNode
from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.values import Class, Function

MASK = re.compile(r"(\w+_)?masks?")
TENSOR_MODULES = ("torch", "F", "functional")
TAKES_NONE = ("scaled_dot_product_attention", "multi_head_attention_forward")  # of these modules


def is_open_mask(module: Any, method: Function, name: str) -> bool:
    """Whether an input is a mask that is only handed on, to layers of PyTorch or to what takes None in its place."""
    if not MASK.fullmatch(name.lower()):
        return False
    known = module.evaluator.tensor_names
    others = [node for node in _own_functions(module) if node is not method.node]
    return _only_hands_on(method.node, name, known) and all(_takes_none(node, known) for node in others)


def _own_functions(module: Any) -> Iterator[ast.FunctionDef | ast.Lambda]:
    """The functions of the text, and the methods of its classes."""
    for value in module.evaluator.globals.names.values():
        members = value.names.values() if isinstance(value, Class) else [value]
        yield from (one.node for one in members if isinstance(one, Function))


@OncePerNode
def _takes_none(function: ast.FunctionDef | ast.Lambda, known: frozenset[str]) -> bool:
    """Whether a function asks of each of its masks whether it is there, or only hands it on."""
    masks = [one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg) and MASK.fullmatch(one.arg.lower())]
    return all(_is_asked_for(function, name) or _only_hands_on(function, name, known) for name in masks)


def _is_asked_for(function: ast.AST, name: str) -> bool:
    """`if mask is not None`, `if mask`."""
    for part in all_nodes(function):
        match part:
            case ast.Compare(left=ast.Name(id=asked), ops=[ast.Is() | ast.IsNot()]) if asked == name:
                return True
            case ast.If(test=ast.Name(id=asked)) | ast.IfExp(test=ast.Name(id=asked)) if asked == name:
                return True
    return False


def _only_hands_on(function: ast.AST, name: str, known: frozenset[str]) -> bool:
    handed: set[int] = set()
    for part in all_nodes(function):
        match part:
            case ast.Call(func=callee, args=args, keywords=named) if not _computes(callee, known):
                handed |= {id(one) for one in (*args, *(key.value for key in named))}
            case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot()]):
                handed.add(id(left))
    uses = [one for one in all_nodes(function) if isinstance(one, ast.Name) and one.id == name]
    return bool(uses) and all(id(one) in handed for one in uses)


def _computes(callee: ast.expr, known: frozenset[str]) -> bool:
    """Whether it is a function or method of tensors, which takes no None: `torch.where`, `scores.masked_fill`."""
    match callee:
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name) if owner in TENSOR_MODULES:
            return name not in TAKES_NONE
        case ast.Attribute(value=ast.Name(id="self")):
            return False
        case ast.Attribute(attr=name):
            return name in known
    return False
