"""Loops and branches over what a file holds, such as trained weights: which of them build nothing."""

from __future__ import annotations

import ast

from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.values import Scope, Unknown

PLAIN = (int, float, str, list, dict, set)
CHANGING = ("append", "add", "pop", "update", "setdefault", "remove", "extend", "insert")

# functions, and methods of dictionaries, strings, tensors and networks, that make no layer
_WORDS = """
    keys values items get pop update setdefault replace split startswith endswith strip lstrip rstrip join find format
    append remove size shape dim numel copy_ clone detach view reshape flatten transpose permute float load_state_dict
    state_dict named_parameters parameters named_children named_modules children modules print info warning debug len
    isinstance list dict set str int sorted enumerate zip hasattr getattr type
"""
HARMLESS = frozenset(_WORDS.split())


def only_moves_values(node: ast.stmt) -> bool:
    """Whether a loop or branch builds no layer and returns nothing, but takes values from one place to another.

    >>> only_moves_values(ast.parse("for k, v in a.items(): new[k.replace('module.', '')] = v").body[0])
    True
    >>> only_moves_values(ast.parse("for k in a: layers.append(nn.Linear(3, 3))").body[0])
    False
    """
    return all(_is_harmless(part) for part in all_nodes(node))


def _is_harmless(part: ast.AST) -> bool:
    match part:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in HARMLESS
        case ast.Assign(targets=targets):
            return not any(isinstance(target, ast.Attribute) and target.attr != "data" for target in targets)
        case ast.Call() | ast.Return() | ast.Yield() | ast.AugAssign(target=ast.Attribute()):
            return False
    return True


def lose_contents(node: ast.stmt, scope: Scope) -> None:
    """What a statement that is passed over gives a value or changes is not known: numbers, words, containers."""
    for name in sorted(set(filter(None, map(changed_name, all_nodes(node))))):
        if isinstance(scope.find(name), PLAIN):
            what = f"what {name} holds comes out of a file, and is not in this text"
            scope.names[name] = Unknown(what, node.lineno, name, path=name)


def changed_name(part: ast.AST) -> str:
    """The name that a node changes.

    >>> [changed_name(ast.parse(line).body[0]) for line in ("n += 1", "names[k] = 1", "print(n)")]
    ['n', 'names', '']
    """
    match part:
        case ast.Assign(targets=[target]) | ast.AugAssign(target=target):
            owner = target
        case ast.Call(func=ast.Attribute(value=owner, attr=method)) if method in CHANGING:
            pass
        case _:
            return ""
    while isinstance(owner, ast.Subscript):
        owner = owner.value
    return owner.id if isinstance(owner, ast.Name) else ""
