"""Numbers and sizes that a text itself calls its class with, somewhere in a class or function that nothing runs.

`self.net = DQN(lr, input_dims, 256, 256, n_actions)` in an agent tells two of five arguments of its network.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from core.errors import PlaygroundError
from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.local_names import local_names
from core.parsing.evaluation.values import Class, Function

PLAIN = (int, float, bool)
WRITTEN = (ast.Constant, ast.Name, ast.Tuple, ast.List, ast.Subscript, ast.Starred, ast.BinOp, ast.operator, ast.Load)


def constants_of_calls(evaluator: Evaluator, owner: str, names: list[str]) -> dict[str, Any]:
    """The arguments, whose names are in order, that each call is given the same number for, or the same sizes."""
    found: dict[str, set[Any]] = {}
    for call, function in _calls(evaluator, owner):
        if any(isinstance(one, ast.Starred) for one in call.args):
            return {}
        pairs = [*zip(names, call.args, strict=False), *((one.arg or "", one.value) for one in call.keywords)]
        for name, value in pairs:
            found.setdefault(name, set()).add(_known(evaluator, function, value))
    agreed = {name: values.pop() for name, values in found.items() if len(values) == 1}
    return {name: value for name, value in agreed.items() if name in names and value is not None}


def _calls(evaluator: Evaluator, owner: str) -> Iterator[tuple[ast.Call, Function]]:
    definitions = [one for one in evaluator.globals.names.values() if isinstance(one, (Class, Function))]
    for definition in definitions:
        members = definition.names.values() if isinstance(definition, Class) else (definition,)
        for function in (one for one in members if isinstance(one, Function)):
            for part in all_nodes(function.node):
                if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == owner:
                    yield part, function


def _known(evaluator: Evaluator, function: Function, node: ast.expr) -> Any:
    """A number, or several, made of constants and of the text's own numbers; None for anything else.

    A function's own names may have another value at each call.
    """
    parts = list(ast.walk(node))
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    values = [evaluator.globals.names.get(name) for name in names]
    is_own = names & {
        *local_names(function.node),
        *(one.arg for one in ast.walk(function.node.args) if isinstance(one, ast.arg)),
    }
    if is_own or not all(isinstance(part, WRITTEN) for part in parts) or not all(map(_is_plain, values)):
        return None
    try:
        value = evaluator.evaluate(node, evaluator.globals)
    except PlaygroundError:
        return None
    value = tuple(value) if isinstance(value, list) else value
    return value if _is_plain(value) else None


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return bool(value) and all(type(one) in PLAIN for one in value)
    return type(value) in PLAIN
