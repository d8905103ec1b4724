"""Loops over data that only fill lists: a turn or two tell what each adds, though not how many there are.

`for i in range(60, len(rows)): windows.append(rows[i - 60 : i, 0])` makes a list of rows of 60.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, Protocol

from core.errors import ParseError
from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.budget import Budget, ExhaustedBudgetError
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.data_shapes import alike, axes_of
from core.parsing.evaluation.shortcuts.about_data import is_about_data
from core.parsing.evaluation.shortcuts.stored_values import changed_name
from core.parsing.evaluation.values import MISSING, Namespace, Scope, Unknown

MANY = 100  # turns
NODES_A_STEP, NAMES_A_STEP = 2, 4  # that are looked at
OFTENEST = 20  # one loop is followed
TWICE = 2  # as often, two turns of it


class Evaluation(Protocol):
    """What is needed of the evaluator."""

    def evaluate(self, node: ast.expr, scope: Scope) -> Any:
        """The value of an expression."""

    def execute(self, node: ast.stmt, scope: Scope) -> Any:
        """One statement; what it returns leaves the block."""

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Gives a value to names."""

    followed_loops: dict[ast.AST, int]
    globals: Scope

    @property
    def budget(self) -> Budget:
        """What evaluating the text may cost."""

    def is_true(self, value: Any, node: ast.AST | None = None) -> bool:
        """Whether a condition holds."""


def fills_alike(run: Evaluation, node: ast.For, bounds: list[Any], scope: Scope) -> bool:
    """Follows one turn of a loop over numbers that are open, or many, if all that it adds to lists are parts of data.

    `bounds` are the arguments of its `range`. What it counts or works out besides is evaluated turn by turn.
    """
    is_open = any(isinstance(one, Unknown) for one in bounds)
    if not (is_open or (all(type(one) is int for one in bounds) and len(range(*bounds)) >= MANY)):
        return False
    if not any(map(_appends, node.body)) or not _may_follow(run, node, scope):
        return False
    targets = set(changed_names(ast.Expr(node.target)))
    lists = {name: value for name, value in _values(node, scope) if name not in targets}
    if not lists or not all(map(_can_be_given_back, lists.values())):
        return False
    before = {name: list(value) for name, value in lists.items()}
    if not _fill(run, node, scope):
        return False
    added = {name: scope.find(name) for name in lists}
    if all(isinstance(one, Unknown) and isinstance(one.example, Unknown) for one in added.values()):
        return True
    for name, value in lists.items():
        value[:] = before[name]
        _replace(run, added[name], value, scope)
    return False


def _can_be_given_back(value: Any) -> bool:
    """Whether it is a list in which nothing else can change."""
    return type(value) is list and not any(isinstance(one, (list, dict, set)) for one in value)


def _replace(run: Evaluation, before: Any, after: Any, scope: Scope) -> None:
    """Every name around that stands for one thing stands for another from now on."""
    around: Scope | None = scope
    while around is not None:
        run.budget.step(None, len(around.names) // NAMES_A_STEP)
        for name in [name for name, value in around.names.items() if value is before]:
            around.names[name] = after
        around = around.outer


def _may_follow(run: Evaluation, node: ast.For, scope: Scope) -> bool:
    """Whether one turn of a loop tells about all: it is about data alone, and not within one of many turns itself."""
    followed = run.followed_loops[node] = run.followed_loops.get(node, 0) + 1
    return not node.orelse and followed <= OFTENEST and _is_only_data(run, node, scope)


def _is_only_data(run: Evaluation, node: ast.AST, scope: Scope) -> bool:
    """Whether it is about data, for which what is looked at is paid."""
    seen: set[ast.AST] = set()
    answer = is_about_data(node, scope, seen)
    run.budget.step(node, sum(1 for one in (node, *seen) for _ in all_nodes(one)) // NODES_A_STEP)
    return answer


def _appends(node: ast.stmt) -> bool:
    """Whether a statement adds something to a list, by itself or in a branch."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(), attr="append"))):
            return True
        case ast.If(body=body):
            return any(map(_appends, body))
    return False


def _values(node: ast.For, scope: Scope) -> Iterator[tuple[str, Any]]:
    """What a loop changes and had a value before."""
    for name in changed_names(node):
        value = scope.find(name)
        if value is not MISSING and not isinstance(value, Namespace):
            yield name, value


def fill_once(run: Evaluation, node: ast.For, scope: Scope) -> bool:
    """Follows one turn of such a loop and makes its lists data of like items; whether it is one."""
    return _may_follow(run, node, scope) and _fill(run, node, scope)


def _fill(run: Evaluation, node: ast.For, scope: Scope) -> bool:
    """The same for a loop that is about data; not where a list belongs to a function that called this one."""
    lists = dict(_lists(node, scope))
    if any(_is_of_a_caller(run, name, value, scope) for name, value in lists.items()):
        return False
    before = {name: list(value) for name, value in lists.items()}
    for item in _turns(run, node, scope):
        _give(run, node.target, item, scope)
        _follow(run, node.body, scope)
    for name in changed_names(node):
        value = scope.find(name)
        if not isinstance(value, Namespace):
            added = value[len(before[name]) :] if name in before and isinstance(value, list) else []
            filled = _filled(name, value, [*before.get(name, []), *added], node.lineno)
            if name in lists and isinstance(value, (list, Unknown)):
                _replace(run, value, filled, scope)
            if scope.find(name) is not filled:
                scope.elsewhere.get(name, scope).names[name] = filled
    return True


def _is_of_a_caller(run: Evaluation, name: str, value: list[Any], scope: Scope) -> bool:
    """Whether a function was handed a list by another, which goes on with it under a name not seen from here."""
    if scope is run.globals or name not in scope.names or name in scope.local_names:
        return False
    return not any(one is value for one in run.globals.names.values())


def changed_names(node: ast.AST) -> list[str]:
    """Names that a loop gives a value, or whose items it changes."""
    parts = list(all_nodes(node))
    stored = [one.id for one in parts if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]
    return list(dict.fromkeys([*stored, *filter(None, map(changed_name, parts))]))


def _lists(node: ast.For, scope: Scope) -> Iterator[tuple[str, list[Any]]]:
    for name in changed_names(node):
        if isinstance(value := scope.find(name), list):
            yield name, value


def _filled(name: str, value: Any, items: list[Any], line: int) -> Unknown:
    """What a name is after all turns: of what it was given in one."""
    made = Unknown(f"what {name} holds depends on data", line, name, path=name)
    if isinstance(value, Unknown):
        made.axes, made.example = value.axes, value.example
    elif items:
        made.axes, made.example = (None, *(alike(items) or (...,))), items[-1]
    return made


def listed_once(run: Evaluation, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scope: Scope) -> Unknown | None:
    """What `[formula of x for x in data]` is, if a size of it is told: data of like items; None for anything else."""
    loop = node.generators[0]
    if len(node.generators) > 1 or not _is_only_data(run, node, scope):
        return None
    inner = Scope(scope)
    inner.is_comprehension = True
    items = _known(run, loop.iter, inner)
    _give(run, loop.target, first_item(run, loop.iter, inner), inner)
    item = _known(run, node.elt, inner)
    count = axes_of(items)[:1] if not loop.ifs and not isinstance(node, ast.SetComp) else ()
    axes = (*(count or (None,)), *(axes_of(item) or (...,)))
    if not any(type(one) is int for one in axes):
        return None
    return Unknown("the items of this list depend on data", node.lineno, axes=axes, example=item)


def _turns(run: Evaluation, node: ast.For, scope: Scope) -> Iterator[Any]:
    """The item of the first turn, and the next number of a range: what is cut up to it may be longer each time."""
    first = first_item(run, node.iter, scope)
    yield first
    match node.iter:
        case ast.Call(func=ast.Name(id="range"), args=args) if type(first) is int and run.followed_loops[node] <= TWICE:
            step = _known(run, args[2], scope) if len(args) > 2 else 1
            if type(step) is int:
                yield first + step


def first_item(run: Evaluation, node: ast.expr, scope: Scope) -> Any:
    """The first item of what a loop goes through."""
    match node:
        case ast.Call(func=ast.Name(id="range"), args=args):
            return _known(run, args[0], scope) if len(args) > 1 else 0
        case ast.Call(func=ast.Name(id="enumerate"), args=[items, *start], keywords=[]):
            return _known(run, start[0], scope) if start else 0, first_item(run, items, scope)
        case ast.Call(func=ast.Name(id="zip"), args=args):
            return tuple(first_item(run, one, scope) for one in args)
        case ast.Call(func=ast.Name(id="tqdm"), args=[items, *_]):
            return first_item(run, items, scope)
    items = _known(run, node, scope)
    if isinstance(items, (list, tuple)) and items:
        return items[0]
    return item_of(items, getattr(node, "lineno", 1))


def item_of(items: Any, line: int) -> Any:
    """An item of data."""
    if isinstance(items, Unknown) and items.example is not MISSING:
        return items.example
    return Unknown("the items of this loop are not known", line, axes=axes_of(items)[1:])


def _known(run: Evaluation, node: ast.expr, scope: Scope) -> Any:
    try:
        return run.evaluate(node, scope)
    except ExhaustedBudgetError:
        raise
    except MISFITS:
        return Unknown("the items of this loop are not known", getattr(node, "lineno", 1))


def _give(run: Evaluation, target: ast.expr, item: Any, scope: Scope) -> None:
    try:
        run.assign(target, item, scope)
    except MISFITS:  # not as many as there are names
        run.assign(target, Unknown("the items of this loop are not known", target.lineno), scope)


def _follow(run: Evaluation, statements: list[ast.stmt], scope: Scope) -> bool:
    """Statements of a turn, up to one that leaves it; what cannot be evaluated gives its names no value."""
    for node in statements:
        if isinstance(node, ast.If):
            if not _follow(run, _branch(run, node, scope), scope):
                return False
            continue
        try:
            if run.execute(node, scope) is not None:
                return False
        except ExhaustedBudgetError:
            raise
        except MISFITS:
            for name in changed_names(node):
                scope.names[name] = Unknown(f"what {name} holds depends on data", node.lineno, name, path=name)
    return True


def _branch(run: Evaluation, node: ast.If, scope: Scope) -> list[ast.stmt]:
    """The branch that is taken; where that depends on data the first, unless it leaves the turn."""
    try:
        return node.body if run.is_true(run.evaluate(node.test, scope), node) else node.orelse
    except ParseError:
        leaves = isinstance(node.body[-1], (ast.Break, ast.Continue))
        return node.orelse if leaves else node.body
