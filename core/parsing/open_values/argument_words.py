"""The words that an argument of a function is compared with, which tell what it may be."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from core.parsing.open_values.listed_numbers import place_of


def compared_with(places: set[str], part: ast.AST, words: Callable[[str], list[str]]) -> list[str]:
    """The words that an argument may be: `kind == "relu"`, `kind in ("a", "b")`, `{"a": ...}[kind]`."""
    match part:
        case ast.Compare(left=owner, ops=[ast.Eq()], comparators=[ast.Constant(value=str() as word)]):
            return [word] if word_place(owner) in places else []
        case ast.Compare(left=owner, ops=[ast.In() | ast.NotIn()], comparators=[choices]):
            return _choices(choices, words) if word_place(owner) in places else []
        case ast.Subscript(value=choices, slice=owner) if isinstance(choices, (ast.Dict, ast.Name)):
            return _choices(choices, words) if word_place(owner) in places else []
        case ast.Call(func=ast.Name(id="getattr"), args=[owner, name, *_]) if word_place(name) in places:
            return _members(ast.unparse(owner).rpartition(".")[2], word_place(name).lower())
    return []


def word_place(node: ast.expr) -> str:
    """`x` for `x.lower()` too."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="lower" | "upper"), args=[]):
            return place_of(owner)
    return place_of(node)


def _choices(node: ast.expr, words: Callable[[str], list[str]]) -> list[str]:
    match node:
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return _texts(items)
        case ast.Dict(keys=keys):
            return _texts(keys)
        case ast.Name(id=name):
            return words(name)
    return []


def _members(module: str, name: str) -> list[str]:
    """A usual member of a module that is picked by a word, such as `getattr(nn, activation)`."""
    if module == "models":
        return ["resnet18"]
    if module in ("F", "functional", "torch"):
        return ["relu"]
    usual = {"rnn": "LSTM", "cell": "LSTM", "norm": "BatchNorm2d", "act": "ReLU", "linear": "ReLU", "pool": "MaxPool2d"}
    return [kind for word, kind in usual.items() if word in name][:1] if module == "nn" else []


def _texts(nodes: Iterable[ast.expr | None]) -> list[str]:
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
