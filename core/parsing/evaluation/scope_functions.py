"""Functions of Python that see the names where they are called: `locals`, `globals`, `eval`, `exec`, `dir`, `vars`."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from core.parsing.clean.syntax import expression_of, statements_of
from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import MISSING, Builtin, Class, Instance, Namespace, Scope, Unknown

LONGEST_QUOTED, COST_OF_QUOTED = 200, 30  # letters of an expression, and steps
LONGEST_CODE = 10_000  # letters of statements, each of which is a step


class OfScope(Builtin):
    """A function that is also handed the scope in which it is called."""


def _locals(call: BuiltinCall, scope: Scope) -> dict[str, Any]:
    if scope is call.evaluator.globals:
        return scope.names
    while scope.is_comprehension and scope.outer is not None:
        scope = scope.outer
    return dict(scope.names)


def _globals(call: BuiltinCall, scope: Scope) -> dict[str, Any]:
    names: dict[str, Any] = call.evaluator.globals.names
    return names


def _evaluated(call: BuiltinCall, scope: Scope, text: Any, *scopes: Any) -> Any:
    """`eval("nn.LayerNorm")`: what the text has in quotes is evaluated like the text itself, by its rules alone."""
    if not isinstance(text, str) or len(text) > LONGEST_QUOTED or not all(isinstance(one, dict) for one in scopes):
        raise call.fail("only a short expression in quotes is read.")
    call.evaluator.budget.step(call.node, COST_OF_QUOTED)
    expression = expression_of(text.strip())
    if expression is None:
        raise call.evaluator.fail(call.node, f"eval: {text[:40]!r} is no expression.", SyntaxError)
    for names in scopes:
        scope = Scope(call.evaluator.builtins if names is scopes[0] else scope, names)
    own = {part.id for part in ast.walk(expression) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    own |= {part.arg for part in ast.walk(expression) if isinstance(part, ast.arg)}
    for part in ast.walk(expression):
        if isinstance(part, ast.Name) and part.id not in own and scope.find(part.id) is MISSING:
            raise call.evaluator.fail(call.node, f"eval: the name {part.id[:40]} has no value here.", NameError)
        if hasattr(part, "lineno"):
            part.lineno = getattr(call.node, "lineno", 1)
    return call.evaluator.evaluate(expression, scope)


def _executed(call: BuiltinCall, scope: Scope, text: Any, *scopes: Any) -> None:
    """`exec("net = nn.Linear(4, 2)")`: statements in quotes are evaluated like those of the text itself."""
    if not isinstance(text, str) or len(text) > LONGEST_CODE or not all(isinstance(one, dict) for one in scopes):
        raise call.fail("only code in quotes is read.")
    call.evaluator.budget.step(call.node, COST_OF_QUOTED + len(text))
    statements = statements_of(text)
    if statements is None:
        raise call.evaluator.fail(call.node, f"exec: {text[:40]!r} is no Python.", SyntaxError)
    for names in scopes:
        scope = Scope(call.evaluator.builtins if names is scopes[0] else scope, names)
    for statement in statements:
        at_line(statement, getattr(call.node, "lineno", 1))
    call.evaluator.execute_all(statements, scope)


def at_line(tree: ast.AST, line: int) -> None:
    """Gives quoted code the line of the text where it stands."""
    for part in ast.walk(tree):
        if hasattr(part, "lineno"):
            part.lineno = part.end_lineno = line  # type: ignore[attr-defined]


def _names_of(call: BuiltinCall, scope: Scope, *value: Any) -> Any:
    return call.evaluator.get_attribute(value[0], "__dict__", call.node) if value else _locals(call, scope)


def _directory(call: BuiltinCall, scope: Scope, *value: Any) -> list[str]:
    """`dir(module)`: the names of what it has, in order of letters."""
    if not value:
        return sorted(_locals(call, scope))
    owner = value[0]
    if isinstance(owner, Namespace):
        return sorted(owner.members)
    cls = owner if isinstance(owner, Class) else getattr(owner, "definition", getattr(owner, "cls", None))
    if not isinstance(cls, Class) or not isinstance(owner, (Class, Instance)):
        raise call.fail("which names it has cannot be told.")
    own = owner.names if isinstance(owner, Instance) else {}
    return sorted({*own, *(name for one in cls.lineage() for name in one.names)})


def _module(call: BuiltinCall, name: Any, *more: Any, **named: Any) -> Any:
    """`importlib.import_module("torch.nn")`, of a module that a text may import."""
    if not isinstance(name, str):
        raise call.fail("it takes the name of a module.")
    found = call.evaluator.module_named(name)
    what = f"the module {name[:60]} is not in this text: paste the definitions that are used of it too"
    return Unknown(what, getattr(call.node, "lineno", 1), is_imported=True) if found is None else found


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "locals": _locals,
    "globals": _globals,
    "eval": _evaluated,
    "exec": _executed,
    "vars": _names_of,
    "dir": _directory,
}
SCOPE_FUNCTIONS = {name: OfScope(name, function, needs_call=True) for name, function in _FUNCTIONS.items()}
IMPORT = Builtin("import_module", _module, needs_call=True)
IMPORTLIB = Namespace("importlib", {"import_module": IMPORT})
