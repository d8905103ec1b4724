"""What Python's operators are called, and the functions that are the same."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

OPERATORS: dict[type, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any], str]] = {
    ast.Add: (operator.add, operator.iadd, "__add__"),
    ast.Sub: (operator.sub, operator.isub, "__sub__"),
    ast.Mult: (operator.mul, operator.imul, "__mul__"),
    ast.Div: (operator.truediv, operator.itruediv, "__truediv__"),
    ast.FloorDiv: (operator.floordiv, operator.ifloordiv, "__floordiv__"),
    ast.Mod: (operator.mod, operator.imod, "__mod__"),
    ast.Pow: (operator.pow, operator.ipow, "__pow__"),
    ast.MatMult: (operator.matmul, operator.imatmul, "__matmul__"),
    ast.LShift: (operator.lshift, operator.ilshift, "__lshift__"),
    ast.RShift: (operator.rshift, operator.irshift, "__rshift__"),
    ast.BitAnd: (operator.and_, operator.iand, "__and__"),
    ast.BitOr: (operator.or_, operator.ior, "__or__"),
    ast.BitXor: (operator.xor, operator.ixor, "__xor__"),
}
SIGNS: dict[type, Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
OWN_SIGNS: dict[type, str] = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}
COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
