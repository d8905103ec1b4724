"""A loop whose items are not known, such as the parts of a data set: one turn of it tells what each turn builds.

That holds only where a turn builds its networks anew. A loop that goes on building one network is not followed so.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable
from typing import Any, Protocol

from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.budget import PASSING_STEPS, ExhaustedBudgetError
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.misspelt_names import CHANGING
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Function, Scope, Unknown
from core.parsing.network_values import holds_layers, names_in


class TextProgram(Protocol):
    """What is needed of a whole text: its evaluator, which statements build layers, and how one is run."""

    evaluator: Evaluator
    skipped: dict[int, None]

    def concerns(self, node: ast.AST, scope: Scope) -> bool:
        """Whether an expression builds layers."""

    def builds_layers(self, function: Function) -> bool:
        """Whether a function of the text builds layers."""

    def statement(self, node: ast.stmt, scope: Scope) -> None:
        """Runs one statement at the outer level."""


def follow_turn(program: TextProgram, node: ast.stmt, scope: Scope) -> bool:
    """Runs the statements of such a loop once, with its last item or an unknown one; whether that could be done."""
    if not isinstance(node, ast.For) or not program.concerns(node, scope) or not _builds_anew(program, node, scope):
        return False
    if program.concerns(node.iter, scope):  # what makes the items failed itself
        return False
    evaluator = program.evaluator
    try:
        item = list(evaluator.iterate(evaluator.evaluate(node.iter, scope), node))[-1]
    except MISFITS:
        item = Unknown("the items of this loop are not known", node.lineno)
    before = {name for name in scope.names if _holds({name}, scope)}
    evaluator.assign(node.target, item, scope)
    evaluator.notes.append(f"One turn of the loop in line {node.lineno} is followed: each builds its network anew.")
    for statement in node.body:
        program.statement(statement, scope)
    for name, value in scope.names.items():
        if isinstance(value, (list, dict)) and name not in before and holds_layers(value):
            what = f"how many networks the loop in line {node.lineno} puts into {name} is not known"
            scope.names[name] = Unknown(what, node.lineno)
    return True


def trains(node: ast.For) -> bool:
    """Whether a loop trains networks that are made before it.

    >>> trains(ast.parse("for i in range(9):\\n    loss(net(x)).backward()").body[0])
    True
    """
    calls = (part.func for part in all_nodes(node) if isinstance(part, ast.Call))
    return any(isinstance(one, ast.Attribute) and one.attr in ("backward", "zero_grad") for one in calls)


def keeps_nothing(node: ast.stmt) -> bool:
    """Whether a loop only calls functions, as one that tests each network of a family does.

    >>> keeps_nothing(ast.parse("for name in names:\\n    test(build(name))").body[0])
    True
    >>> keeps_nothing(ast.parse("for name in names:\\n    nets.append(build(name))").body[0])
    False
    """
    if not isinstance(node, ast.For):
        return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name)
    parts = [part for one in node.body for part in ([*one.body, *one.orelse] if isinstance(one, ast.If) else [one])]
    return not node.orelse and all(keeps_nothing(part) for part in parts)


def share_of_budget(
    program: TextProgram, node: ast.stmt, may_take_all: Callable[[], bool]
) -> contextlib.AbstractContextManager[None]:
    """What a statement may cost: a part where it is beside the networks, or builds some and keeps none."""
    budget = program.evaluator.budget
    if isinstance(node, ast.For) and keeps_nothing(node):
        return budget.at_most(PASSING_STEPS)
    return budget.small(may_take_all)


def leave_out(program: TextProgram, node: ast.stmt, error: Exception) -> bool:
    """Passes over a loop that took too long and keeps nothing of what it builds; whether it is one."""
    is_one = isinstance(error, ExhaustedBudgetError) and isinstance(node, ast.For) and keeps_nothing(node)
    if is_one:
        program.skipped[node.lineno] = None
    return is_one


def grows(program: TextProgram, node: ast.For, scope: Scope) -> bool:
    """Whether a loop calls a method of a network whose class adds layers outside of its constructor."""
    for part in all_nodes(node):
        match part:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
                network = scope.find(name)
                if isinstance(network, EvaluatedModule) and isinstance(network.definition.find(method), Function):
                    own = [one for each in network.definition.lineage() for one in each.names.values()]
                    others = [one for one in own if isinstance(one, Function) and one.name != "__init__"]
                    if any(map(program.builds_layers, others)):
                        return True
    return False


def follow_first(program: TextProgram, node: ast.For, scope: Scope) -> None:
    """Runs the first turn of such a loop: it says what the networks are called with, and the others say the same.

    Items that are not known may get their shape in the loop itself: `net(images.view(-1, 784))`.
    """
    evaluator = program.evaluator
    try:
        item = next(iter(evaluator.iterate(evaluator.evaluate(node.iter, scope), node)), None)
    except MISFITS:
        item = Unknown("the items of this loop are not known", node.lineno)
    try:
        evaluator.assign(node.target, item, scope)
    except MISFITS:
        return
    skipped, assumed = dict(program.skipped), dict(evaluator.assumed)
    for statement in node.body:
        program.statement(statement, scope)
    program.skipped, evaluator.assumed = skipped, assumed  # what trains is said once, and builds nothing


def arguments_of(evaluator: Evaluator, function: Function, call: ast.Call, scope: Scope) -> dict[str, Any] | None:
    """What a function of the text is called with, by the names of its parameters; None where that cannot be told."""
    plain = all(key.arg for key in call.keywords) and not any(isinstance(one, ast.Starred) for one in call.args)
    spec = function.node.args
    names = [one.arg for one in (*spec.posonlyargs, *spec.args)]
    if not plain or spec.vararg or spec.kwarg or len(call.args) > len(names):
        return None
    try:
        given = {name: evaluator.evaluate(one, scope) for name, one in zip(names, call.args, strict=False)}
        return given | {key.arg: evaluator.evaluate(key.value, scope) for key in call.keywords if key.arg}
    except MISFITS:
        return None


def _builds_anew(program: TextProgram, node: ast.For, scope: Scope) -> bool:
    """Whether every network that a turn changes is made in the same turn, by a statement before."""
    made: set[str] = set()
    for statement in node.body:
        if not _keeps_to(made, program, statement, scope):
            return False
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name not in names_in(value) - made:
                made.add(name)
    return True


def _keeps_to(made: set[str], program: TextProgram, statement: ast.stmt, scope: Scope) -> bool:
    for part in all_nodes(statement):
        match part:
            case ast.Return():
                return False
            case ast.Call(func=ast.Attribute(value=owner, attr=method)) if method in CHANGING:
                if not names_in(owner) & made and _holds(names_in(owner), scope):
                    return False
            case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[owner, *_]) if not names_in(owner) & made:
                return False
            case ast.Assign(targets=targets, value=value):
                if not _is_fresh(made, program, targets, value, scope):
                    return False
            case ast.AugAssign(target=target, value=value):
                if not _is_fresh(made, program, [target], ast.Tuple([target, value], ast.Load()), scope):
                    return False
    return True


def _is_fresh(made: set[str], program: TextProgram, targets: list[ast.expr], value: ast.expr, scope: Scope) -> bool:
    """Whether an assignment gives a new value, not one that goes on from the turn before."""
    names = {name for one in targets for name in names_in(one)}
    if not program.concerns(value, scope) and not _holds(names, scope):
        return True
    plain = all(isinstance(one, ast.Name) for one in targets)
    return bool(names <= made) or (plain and not names & names_in(value))


def _holds(names: set[str], scope: Scope) -> bool:
    return any(holds_layers(scope.find(name)) for name in names)
