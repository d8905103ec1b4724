"""What a `try` of a text expects to fail: modules that are not installed, names without a value, absent files."""

from __future__ import annotations

import ast
import builtins
import re
from typing import Any

from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.exceptions import caught_names
from core.parsing.evaluation.values import MISSING, Class, Function, Scope, Unknown

OF_IMPORTS = {"ImportError", "ModuleNotFoundError"}
OF_NAMES = {"NameError"}
OF_FILES = {"FileNotFoundError", "OSError", "IOError", "EnvironmentError"}
OF_ALL = {"Exception", "BaseException"}
READING = re.compile(r"open|load|safe_load|loadtxt|load_(model|json|url|weights|config|file|pickle)|read(_\w+)?")
LEAVING = ("exit", "quit", "_exit", "abort")
SETTING = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.ClassDef)


def of_import(evaluator: Any, statement: ast.stmt, node: ast.Try, scope: Scope) -> ast.ExceptHandler | None:
    """The `except` that gives names another meaning where what an import names is not known here, or nowhere."""
    if not isinstance(statement, (ast.Import, ast.ImportFrom)):
        return None
    names = [alias.asname or alias.name.split(".")[0] for alias in statement.names]
    values = [scope.find(name) for name in names]
    is_elsewhere = any(isinstance(value, Unknown) and value.is_imported for value in values)
    if not is_elsewhere and not _is_nowhere(evaluator, statement):
        return None
    handlers = _catching(node, scope, OF_IMPORTS | OF_ALL)
    return next((one for one in handlers if any(isinstance(part, SETTING) for part in one.body)), None)


def of_absence(evaluator: Any, statement: ast.stmt, node: ast.Try, scope: Scope) -> ast.ExceptHandler | None:
    """The `except` that goes on where a statement needs a name that has no value or a file, for there are none here."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return None
    if _lacks_name(evaluator, statement, scope):
        return next(iter(_catching(node, scope, OF_NAMES)), None)
    if not _reads_file(statement, scope):
        return None
    named = [one for one in _catching(node, scope, OF_FILES) if not leaves(one.body)]
    others = [one for one in _catching(node, scope, OF_ALL) if not leaves(one.body) and _replaces(one, statement)]
    return next(iter(named or others), None)


def leaves(body: list[ast.stmt]) -> bool:
    """Whether statements end in giving up: by a `raise`, or by leaving Python.

    >>> [leaves(ast.parse(text).body) for text in ("raise", "print(e); sys.exit(1)", "n = 3")]
    [True, True, False]
    """
    match body[-1]:
        case ast.Raise():
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name))):
            return name in LEAVING
    return False


def _is_nowhere(evaluator: Any, statement: ast.Import | ast.ImportFrom) -> bool:
    """Whether an import names something that its module, which is known here, does not have."""
    module = evaluator.module_named(getattr(statement, "module", None) or "")
    if module is None or module.real is None:
        return False
    return not all(one.name == "*" or hasattr(module.real, one.name) for one in statement.names)


def _catching(node: ast.Try, scope: Scope, kinds: set[str]) -> list[ast.ExceptHandler]:
    return [one for one in node.handlers if kinds.intersection(caught_names(one, scope))]


def _lacks_name(evaluator: Any, statement: ast.stmt, scope: Scope) -> bool:
    """Whether a statement reads a name without a value: of no line above it, no import, and not typed beside it."""
    if evaluator.star_imports:
        return False
    parts = [one for one in all_nodes(statement) if isinstance(one, ast.Name)]
    own = {one.id for one in parts if not isinstance(one.ctx, ast.Load)} | {
        one.arg for one in all_nodes(statement) if isinstance(one, ast.arg)
    }
    known = {*own, *evaluator.given, *dir(builtins)}
    return any(scope.find(name) is MISSING for name in {one.id for one in parts} - known)


def _reads_file(statement: ast.stmt, scope: Scope) -> bool:
    """Whether a statement opens a file to read it, itself or by a function of the text that does."""
    calls = _calls(statement, scope)
    inner = [part for _, function in calls if function is not None for part in _calls(function.node, function.scope)]
    return any(_reads(one) for one, function in (*calls, *inner) if function is None)


def _calls(node: ast.AST, scope: Scope) -> list[tuple[ast.Call, Function | None]]:
    """All calls below a node, with the functions of the text that they call."""
    return [(one, _definition(one, scope)) for one in all_nodes(node) if isinstance(one, ast.Call)]


def _definition(call: ast.Call, scope: Scope) -> Function | None:
    """The function or method of the text that is called, which may be called `load` and read nothing."""
    found: Any = None
    match call.func:
        case ast.Name(id=name):
            found = scope.find(name)
        case ast.Attribute(value=ast.Name(id=owner) | ast.Call(func=ast.Name(id=owner)), attr=name):
            value = scope.find(owner)
            cls = getattr(value, "definition", None) or getattr(value, "cls", value)
            found = cls.find(name) if isinstance(cls, Class) else None
    return found if isinstance(found, Function) else None


def _reads(call: ast.Call) -> bool:
    match call:
        case ast.Call(func=ast.Name(id="open"), args=[_, ast.Constant(value=str() as mode), *_]):
            return not set("wax").intersection(mode)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="hub") | ast.Attribute(attr="hub"))):
            return False
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[_, *_]):
            return READING.fullmatch(name) is not None
    return False


def _replaces(handler: ast.ExceptHandler, statement: ast.stmt) -> bool:
    """Whether an `except` gives a name of its own value that the statement would have given one."""
    return not _stored([statement]).isdisjoint(_stored(handler.body))


def _stored(statements: list[ast.stmt]) -> set[str]:
    parts = [part for one in statements for part in all_nodes(one)]
    return {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
