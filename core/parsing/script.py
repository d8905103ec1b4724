"""Reads the statements of pasted code into names and values, by a walk over the syntax tree. Nothing is executed.

A value is a number, string, bool, None, a tuple of values, or a `Layer`. What a call means is the dialect's business.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.errors import ParseError
from core.parsing.plan import Layer

MAX_NUMBER = 10**12
MAX_ITEMS = 5000  # in one list or call

HARMLESS = {"torch", "torchvision", "collections", "typing", "__future__", "math", "numpy", "matplotlib"}
HARMLESS |= {"tensorflow", "keras", "tf_keras", "paddle", "torchsummary", "torchinfo", "core"}
UNWRAPPED = {"to", "cuda", "cpu", "eval", "train", "float", "requires_grad_"}  # model.to(device) is still the model

_OPERATORS: dict[type, Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_NOT_UNDERSTOOD = {
    ast.Lambda: "a lambda",
    ast.ListComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.JoinedStr: "an f-string",
    ast.IfExp: "a condition",
    ast.Subscript: "an index",
    ast.Compare: "a comparison",
    ast.BoolOp: "a condition",
    ast.NamedExpr: "an assignment inside an expression",
    ast.Dict: "a dictionary",
    ast.Set: "a set",
    ast.FunctionDef: "a function",
    ast.AsyncFunctionDef: "a function",
    ast.For: "a loop",
    ast.While: "a loop",
    ast.If: "a condition",
    ast.With: "a with block",
    ast.Try: "a try block",
    ast.Delete: "a deletion",
    ast.AugAssign: "an update of a name",
}


class Dialect(Protocol):
    """What a framework's words mean."""

    def call(self, name: str, args: tuple, kwargs: Mapping[str, Any], line: int) -> Any:
        """The value of `name(*args, **kwargs)`; `name` is dotted as written."""

    def method(self, script: Script, target: str, name: str, call: ast.Call) -> bool:
        """Handles the statement `target.name(...)`; False if it means nothing here."""


@dataclass
class Script:
    """The names that a pasted text has defined so far, and the layers it has left standing alone.

    `model` is the value that the text ends on: the last one assigned, or standing as a statement of its own.
    """

    dialect: Dialect
    names: dict[str, Any] = field(default_factory=dict)
    alone: list[Layer] = field(default_factory=list)
    model: Any = None
    notes: list[str] = field(default_factory=list)

    def run(self, tree: ast.Module) -> Script:
        """Reads every statement in order."""
        for statement in tree.body:
            self._statement(statement)
        return self

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                _check_import(node)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                self._assign(name, node.value)
            case ast.Assign(targets=[ast.Tuple(elts=targets)]):
                self._unpack(targets, node)
            case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
                pass  # a docstring
            case ast.Expr(value=value):
                self._expression(value)
            case ast.ClassDef():
                raise ParseError(
                    f"Line {node.lineno} begins the class {node.name[:60]}, whose forward() would have to be run: "
                    "paste only its nn.Sequential(...), or write its layers as one; Residual(...) adds and "
                    "Parallel(...) concatenates."
                )
            case _:
                raise _refusal(node)

    def _assign(self, name: str, node: ast.expr) -> None:
        value = self.names[name] = self.evaluate(node)
        if isinstance(value, Layer):
            self.model, self.alone = value, []

    def _unpack(self, targets: list[ast.expr], node: ast.Assign) -> None:
        values = self.evaluate(node.value)
        if not isinstance(values, tuple) or len(values) != len(targets):
            raise ParseError(f"Line {node.lineno} has {len(targets)} names on its left, and not as many values.")
        for target, value in zip(targets, values, strict=True):
            if not isinstance(target, ast.Name):
                raise _refusal(node)
            self.names[target.id] = value

    def _expression(self, node: ast.expr) -> None:
        if isinstance(node, ast.Call) and self._is_statement_call(node):
            return
        value = self.evaluate(node)
        self.alone += [item for item in (value if isinstance(value, tuple) else (value,)) if isinstance(item, Layer)]

    def _is_statement_call(self, node: ast.Call) -> bool:
        """Calls that only look at the model or use it: read past, with a note."""
        match node.func:
            case ast.Name(id="print" | "summary"):
                return True
            case ast.Attribute(value=ast.Name(id=target), attr=method) if target in self.names:
                if not self.dialect.method(self, target, method, node):
                    self.notes.append(
                        f"Line {node.lineno} left out: {target[:40]}.{method[:40]}(...) does not change the network."
                    )
                return True
        return False

    def evaluate(self, node: ast.expr) -> Any:
        """The value of an expression made of numbers, strings, lists, known names and the dialect's calls."""
        match node:
            case ast.Constant(value=bool() | int() | float() | str() | None):
                return _bounded(node.value, node)
            case ast.Tuple() | ast.List():
                return self.evaluate_all(node.elts, node)
            case ast.Name(id=name):
                if name not in self.names:
                    raise ParseError(f"Line {node.lineno}: the name {name[:60]} has no value: write the number itself.")
                return self.names[name]
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                value = _number(self.evaluate(node.operand), node)
                return -value if isinstance(node.op, ast.USub) else value
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.Call():
                return self._call(node)
        raise _refusal(node)

    def evaluate_all(self, nodes: list[ast.expr], parent: ast.AST) -> tuple:
        """Values of the items of a list or call, `*layers` spread out."""
        values: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                spread = self.evaluate(node.value)
                values.extend(spread if isinstance(spread, tuple) else (spread,))
            else:
                values.append(self.evaluate(node))
            if len(values) > MAX_ITEMS:
                raise ParseError(f"Line {parent.lineno}: more than {MAX_ITEMS:,} items in one list.")
        return tuple(values)

    def _call(self, node: ast.Call) -> Any:
        if isinstance(node.func, ast.Attribute) and node.func.attr in UNWRAPPED and not _dotted(node.func):
            return self.evaluate(node.func.value)
        name = _dotted(node.func)
        if not name:
            raise _refusal(node.func)
        if any(keyword.arg is None for keyword in node.keywords):
            raise ParseError(f"Line {node.lineno}: **{name[:60]} settings cannot be read here: write each one out.")
        args = self.evaluate_all(node.args, node)
        return self.dialect.call(name, args, {k.arg: self.evaluate(k.value) for k in node.keywords}, node.lineno)

    def _arithmetic(self, node: ast.BinOp) -> Any:
        left, right = (_number(self.evaluate(side), node) for side in (node.left, node.right))
        if type(node.op) not in _OPERATORS:
            raise _refusal(node)
        if isinstance(node.op, ast.Pow) and (abs(right) > 40 or abs(left) > 10**6):
            raise ParseError(f"Line {node.lineno}: this power is too big; write the number itself.")
        try:
            return _bounded(_OPERATORS[type(node.op)](left, right), node)
        except ArithmeticError:
            raise ParseError(f"Line {node.lineno}: this sum has no result (a division by zero?).") from None


def _dotted(node: ast.expr) -> str:
    """`torch.nn.ReLU` as text; empty for anything but names joined by dots."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _number(value: Any, node: ast.AST) -> Any:
    if type(value) not in (int, float):
        raise ParseError(f"Line {node.lineno}: only numbers can be added, multiplied or negated here.")
    return value


def _bounded(value: Any, node: ast.AST) -> Any:
    if type(value) is complex:
        raise ParseError(f"Line {node.lineno}: a number here has no real value.")
    if type(value) in (int, float) and abs(value) > MAX_NUMBER:
        raise ParseError(f"Line {node.lineno} holds a number beyond {MAX_NUMBER:,}; no layer needs one that big.")
    if isinstance(value, str) and len(value) > 200:
        raise ParseError(f"Line {node.lineno} holds a text of {len(value):,} letters; no layer needs one that long.")
    return value


def _check_import(node: ast.Import | ast.ImportFrom) -> None:
    modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or "."]
    for module in modules:
        if module.split(".")[0] not in HARMLESS:
            raise ParseError(f"Line {node.lineno} imports {module[:60]}, which no layer needs: leave that line out.")


def _refusal(node: ast.AST) -> ParseError:
    what = _NOT_UNDERSTOOD.get(type(node), f"something ({type(node).__name__})")
    line = getattr(node, "lineno", 1)
    return ParseError(
        f"Line {line}: {what} is not read here, because nothing is executed: write the layers out one by one."
    )
