"""Numbers and sizes that a text itself calls its class with, somewhere in a class or function that nothing runs.

`self.net = DQN(lr, input_dims, 256, 256, n_actions)` in an agent tells two of five arguments of its network, and an
example in a docstring all of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from core.errors import PlaygroundError
from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.local_names import local_names
from core.parsing.evaluation.values import Class, Function, Scope

MAX_DEPTH = 4  # of numbers that are made of other numbers
PLAIN = (int, float, bool)
NO_FUNCTION = ast.Lambda(ast.arguments([], [], None, [], [], None, []), ast.Constant(None))
WRITTEN = (ast.Constant, ast.Name, ast.Tuple, ast.List, ast.Subscript, ast.Starred, ast.BinOp, ast.operator, ast.Load)


def constants_of_calls(evaluator: Evaluator, owner: str, names: list[str]) -> dict[str, Any]:
    """The arguments, whose names are in order, that each call is given the same number for, or the same sizes."""
    found: dict[str, set[Any]] = {}
    for call, function in _calls(evaluator, owner):
        if any(isinstance(one, ast.Starred) for one in call.args):
            return {}
        for name, value in _given(call, names):
            found.setdefault(name, set()).add(_known(evaluator, function.node, value))
    agreed = {name: values.pop() for name, values in found.items() if len(values) == 1}
    known = {name: value for name, value in agreed.items() if name in names and value is not None}
    return _of_example(evaluator, owner, names) | known


def _of_example(evaluator: Evaluator, owner: str, names: list[str]) -> dict[str, Any]:
    """What the first example in a docstring that says something gives for the arguments."""
    for call in evaluator.documented_calls(owner):
        values = {name: _known(evaluator, NO_FUNCTION, value) for name, value in _given(call, names)}
        if known := {name: value for name, value in values.items() if name in names and value is not None}:
            return known
    return {}


def _given(call: ast.Call, names: list[str]) -> list[tuple[str, ast.expr]]:
    """Names of arguments, and the expressions that a call gives for them."""
    return [*zip(names, call.args, strict=False), *((one.arg or "", one.value) for one in call.keywords)]


def _calls(evaluator: Evaluator, owner: str) -> Iterator[tuple[ast.Call, Function]]:
    definitions = [one for one in evaluator.globals.names.values() if isinstance(one, (Class, Function))]
    for definition in definitions:
        members = definition.names.values() if isinstance(definition, Class) else (definition,)
        for function in (one for one in members if isinstance(one, Function)):
            for part in all_nodes(function.node):
                if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == owner:
                    yield part, function


def _known(evaluator: Evaluator, function: ast.FunctionDef | ast.Lambda, node: ast.expr, depth: int = 0) -> Any:
    """A number, or several, made of constants, of the text's own numbers and of those that the function sets once.

    A function's own names may otherwise have another value at each call; None for anything else.
    """
    parts = list(ast.walk(node))
    names = {part.id for part in parts if isinstance(part, ast.Name)}
    own = names & {
        *local_names(function),
        *(one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg)),
    }
    settled = {name: value for name, value in _settled(function).items() if name in own and depth < MAX_DEPTH}
    inner = {name: _known(evaluator, function, value, depth + 1) for name, value in settled.items()}
    values = [inner.get(name) if name in own else evaluator.globals.names.get(name) for name in names]
    if not all(isinstance(part, WRITTEN) for part in parts) or not all(map(_is_plain, values)):
        return None
    try:
        value = evaluator.evaluate(node, Scope(evaluator.globals, inner))
    except PlaygroundError:
        return None
    value = tuple(value) if isinstance(value, list) else value
    return value if _is_plain(value) else None


def _settled(function: ast.AST) -> dict[str, ast.expr]:
    """The names that a function binds in one statement and nowhere else, and what to."""
    nodes = list(all_nodes(function))
    bound = [part.id for part in nodes if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)]
    bound += [part.arg for part in nodes if isinstance(part, ast.arg)]
    single = [part for part in nodes if isinstance(part, ast.Assign) and len(part.targets) == 1]
    targets = [(part.targets[0], part.value) for part in single]
    return {one.id: value for one, value in targets if isinstance(one, ast.Name) and bound.count(one.id) == 1}


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return bool(value) and all(type(one) in PLAIN for one in value)
    return type(value) in PLAIN
