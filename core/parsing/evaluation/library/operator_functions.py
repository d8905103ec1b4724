"""`operator` of Python's library: operators as functions, and functions that pick."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from core.parsing.evaluation.calls import BuiltinCall
from core.parsing.evaluation.values import Builtin, Namespace

BINARY: dict[str, ast.operator] = {
    "add": ast.Add(), "sub": ast.Sub(), "mul": ast.Mult(), "truediv": ast.Div(), "floordiv": ast.FloorDiv(),
    "mod": ast.Mod(), "pow": ast.Pow(), "matmul": ast.MatMult(), "and_": ast.BitAnd(), "or_": ast.BitOr(),
    "xor": ast.BitXor(), "lshift": ast.LShift(), "rshift": ast.RShift(), "concat": ast.Add(),
}  # fmt: skip
COMPARED: dict[str, ast.cmpop] = {
    "lt": ast.Lt(), "le": ast.LtE(), "gt": ast.Gt(), "ge": ast.GtE(), "eq": ast.Eq(), "ne": ast.NotEq(),
    "is_": ast.Is(), "is_not": ast.IsNot(),
}  # fmt: skip


def _operation(sign: ast.operator, in_place: bool = False) -> Callable[..., Any]:
    return lambda call, left, right: call.evaluator.operate(sign, left, right, call.node, in_place)


def _comparison(sign: ast.cmpop) -> Callable[..., Any]:
    return lambda call, left, right: call.evaluator.compared(sign, left, right, call.node)


def _several(pick: Callable[..., Any], names: tuple[Any, ...]) -> Callable[..., Any]:
    def run(call: BuiltinCall, value: Any) -> Any:
        found = tuple(pick(call, value, name) for name in names)
        return found[0] if len(names) == 1 else found

    return run


def _item(call: BuiltinCall, value: Any, index: Any) -> Any:
    return call.evaluator.get_item(value, index, call.node)


def _attribute(call: BuiltinCall, value: Any, path: str) -> Any:
    for name in path.split("."):
        value = call.evaluator.get_attribute(value, name, call.node)
    return value


def _caller(call: BuiltinCall, name: str, *args: Any, **named: Any) -> Builtin:
    def run(inner: BuiltinCall, value: Any) -> Any:
        return inner.call(_attribute(inner, value, name), *args, **named)

    return Builtin(name, run, needs_call=True)


def _picker(pick: Callable[..., Any]) -> Callable[..., Any]:
    return lambda call, *names: Builtin(call.name, _several(pick, names), needs_call=True)


def _put(call: BuiltinCall, container: Any, index: Any, value: Any) -> None:
    call.evaluator.set_item(container, index, value, call.node)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: _operation(sign) for name, sign in BINARY.items()},
    **{f"i{name.strip('_')}": _operation(sign, in_place=True) for name, sign in BINARY.items()},
    **{f"__{name.strip('_')}__": _operation(sign) for name, sign in BINARY.items()},
    **{name: _comparison(sign) for name, sign in COMPARED.items()},
    "pos": lambda call, value: value,
    "abs": lambda call, value: call.call(call.evaluator.builtins.names["abs"], value),
    "index": lambda call, value: call.call(call.evaluator.builtins.names["int"], value),
    "inv": lambda call, value: call.evaluator.operate(ast.BitXor(), value, -1, call.node),
    "invert": lambda call, value: call.evaluator.operate(ast.BitXor(), value, -1, call.node),
    "countOf": lambda call, values, item: call.iterate(values).count(item),
    "indexOf": lambda call, values, item: call.iterate(values).index(item),
    "neg": lambda call, value: call.evaluator.operate(ast.Mult(), value, -1, call.node),
    "not_": lambda call, value: not call.evaluator.is_true(value, call.node),
    "truth": lambda call, value: call.evaluator.is_true(value, call.node),
    "contains": lambda call, container, item: call.evaluator.compared(ast.In(), item, container, call.node),
    "getitem": _item,
    "setitem": _put,
    "itemgetter": _picker(_item),
    "attrgetter": _picker(_attribute),
    "methodcaller": _caller,
}
OPERATOR = Namespace("operator", {name: Builtin(name, one, needs_call=True) for name, one in _FUNCTIONS.items()})
