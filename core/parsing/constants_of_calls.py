"""Numbers that a text itself calls its class with, somewhere in a class or function that nothing runs.

`self.net = DQN(lr, input_dims, 256, 256, n_actions)` in an agent tells two of five arguments of its network.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.values import Class, Function

PLAIN = (int, float, bool)


def constants_of_calls(evaluator: Evaluator, owner: str, names: list[str]) -> dict[str, Any]:
    """The arguments, whose names are in order, that each call of a class or function is given the same number for."""
    found: dict[str, set[Any]] = {}
    for call in _calls(evaluator, owner):
        if any(isinstance(one, ast.Starred) for one in call.args):
            return {}
        pairs = [*zip(names, call.args, strict=False), *((one.arg or "", one.value) for one in call.keywords)]
        for name, value in pairs:
            found.setdefault(name, set()).add(_number(value))
    agreed = {name: values.pop() for name, values in found.items() if len(values) == 1}
    return {name: value for name, value in agreed.items() if name in names and value is not None}


def _calls(evaluator: Evaluator, owner: str) -> Iterator[ast.Call]:
    definitions = [one for one in evaluator.globals.names.values() if isinstance(one, (Class, Function))]
    for definition in definitions:
        members = definition.names.values() if isinstance(definition, Class) else (definition,)
        for function in (one for one in members if isinstance(one, Function)):
            for part in all_nodes(function.node):
                if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == owner:
                    yield part


def _number(node: ast.expr) -> Any:
    return node.value if isinstance(node, ast.Constant) and type(node.value) in PLAIN else None
