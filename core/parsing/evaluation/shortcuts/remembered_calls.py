"""Results of calls that are kept: of functions with a cache, and of those that work out numbers by calling themselves.

Networks whose widths follow from those of other layers, such as HarDNet, work out each of them again and again.
"""

from __future__ import annotations

import ast
from copy import deepcopy
from dataclasses import replace
from typing import Any

from core.parsing.clean.per_node import OncePerNode
from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.spreading import Spreading
from core.parsing.evaluation.values import Builtin, Function, Namespace, Type

PLAIN = (bool, int, float, str, type(None))
WORKING_OUT: tuple[type, ...] = (ast.Assign, ast.AugAssign, ast.If, ast.For, ast.While, ast.Return, ast.Expr, ast.Pass)
WORKING_OUT += (ast.Break, ast.Continue, ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare)
WORKING_OUT += (ast.IfExp, ast.Call, ast.keyword, ast.List, ast.Tuple, ast.Subscript, ast.Attribute)
WORKING_OUT += (ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context)
KNOWN = {"range", "int", "float", "bool", "len", "abs", "max", "min", "round", "sum", "list", "tuple", "divmod", "pow"}


class RememberedCalls(Spreading):
    """Adds results that are taken of an earlier call to the evaluator."""

    recursions: dict[Any, Any]

    def call_function(
        self, function: Function, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None = None
    ) -> Any:
        """A function of the text, its body evaluated afresh in a scope of its own unless the result is known."""
        memo = getattr(function, "memo", None)
        if memo is not None:
            return self._remembered(function, memo, args, kwargs, node)
        key = _key_of_recursion(function, args, kwargs)
        if key is None:
            return self.run_call(function, args, kwargs, node)
        if key in self.recursions:
            return self._copy(self.recursions[key], node)
        result = self.run_call(function, args, kwargs, node)
        if _is_plain(result):
            self.recursions[key] = self._copy(result, node)
        return result

    def run_call(self, function: Function, args: list[Any], kwargs: dict[str, Any], node: ast.AST | None = None) -> Any:
        """The same, whatever is known."""
        raise NotImplementedError

    def _remembered(
        self, function: Function, memo: dict[Any, Any], args: list[Any], kwargs: dict[str, Any], node: ast.AST | None
    ) -> Any:
        """What a function with a cache returns: for arguments that it has met before, the same object again."""
        key = (*args, *kwargs.items())
        try:
            hash(key)
        except TypeError as error:
            raise self.fail(node, f"{function.name}: {error}.", TypeError) from None
        if key not in memo:
            memo[key] = self.call_function(replace(function, memo=None), args, kwargs, node)  # type: ignore[call-arg]
        return memo[key]

    def _copy(self, value: Any, node: ast.AST | None) -> Any:
        """The same value, its lists made anew, for the text may change them; one that stands twice is one again."""
        self.budget.size(_size(value), node)
        return deepcopy(value)


def _size(value: Any) -> int:
    return sum(map(_size, value), len(value)) if type(value) in (list, tuple) else 0


def _is_plain(value: Any) -> bool:
    return type(value) in PLAIN or (type(value) in (list, tuple) and all(map(_is_plain, value)))


def _key_of_recursion(function: Function, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """What the result of a function that calls itself depends on; None where it may be more than plain values."""
    names = outer_names(function.node)
    if names is None:
        return None
    if function.owner is not None:
        definition = getattr(args[0], "definition", None) if args else None
        if definition is None or definition.find(function.name) is not function:
            return None
        args = args[1:]
    outer = [function.scope.find(name) for name in sorted(names)]
    given = [
        *args,
        *kwargs.values(),
        *function.defaults.values(),
        *(one for one in outer if not _is_known(one, function)),
    ]
    if any(type(one) not in PLAIN for one in given):
        return None
    return function.node, len(args), *kwargs, *((type(one), one) for one in given)


def _is_known(value: Any, function: Function) -> bool:
    """Whether something outside of a function works out no more than numbers either: itself, `range`, `math`."""
    if isinstance(value, Function):
        return value.node is function.node
    if isinstance(value, Namespace):
        return value.name == "math"
    return isinstance(value, (Builtin, Type)) and value.name in KNOWN


@OncePerNode
def outer_names(function: ast.FunctionDef | ast.Lambda) -> frozenset[str] | None:
    """Names from outside that a function reads which calls itself; None where it does more than work out values.

    >>> outer_names(ast.parse("def f(n):\\n  return n if n < 2 else rate * f(n - 1)").body[0]) == {"f", "rate"}
    True
    >>> outer_names(ast.parse("def f(n):\\n  self.width = n\\n  return f(n - 1)").body[0]) is None
    True
    """
    if isinstance(function, ast.Lambda) or function.decorator_list:
        return None
    spec = function.args
    parameters = [one.arg for one in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
    nodes = [part for statement in function.body for part in all_nodes(statement)]
    names = [part for part in nodes if isinstance(part, ast.Name)]
    local = {*parameters, *(one.id for one in names if isinstance(one.ctx, ast.Store))}
    attributes = [part for part in nodes if isinstance(part, ast.Attribute)]
    callees = [part.func for part in nodes if isinstance(part, ast.Call)]
    receiver = parameters[0] if parameters else ""
    own_calls = [one for one in callees if _calls_itself(one, function.name, receiver)]
    is_plain = all(isinstance(part, WORKING_OUT) for part in nodes) and spec.vararg is None and spec.kwarg is None
    is_method = any(isinstance(one, ast.Attribute) for one in own_calls)
    uses = [one for one in names if one.id == receiver] if is_method else []
    owners = [one for one in attributes if one in callees and isinstance(one.value, ast.Name)]
    if not own_calls or not is_plain or len(owners) < len(attributes) or len(uses) > len(own_calls):
        return None
    return frozenset(one.id for one in names if one.id not in local)


def _calls_itself(callee: ast.expr, name: str, receiver: str) -> bool:
    match callee:
        case ast.Name(id=called):
            return called == name
        case ast.Attribute(value=ast.Name(id=owner), attr=called):
            return called == name and owner == receiver
    return False
