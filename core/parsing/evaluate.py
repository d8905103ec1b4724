"""What an expression of pasted code is worth, found by a walk over its syntax tree. Nothing is executed.

A value is a number, string, bool, None, a tuple of values, or a `LayerCall`. What a call means is up to the
dialect.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.errors import ParseError

MAX_NUMBER = 10**12
MAX_ITEMS = 3000  # in one list or call, lists inside it included
MAX_WORK = 100_000  # items of all lists together: names make doubling cheap to write
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
_NOT_READ = {
    ast.Lambda: "a lambda",
    ast.ListComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.JoinedStr: "an f-string",
    ast.IfExp: "a condition",
    ast.Subscript: "an index",
    ast.Attribute: "an attribute",
    ast.Compare: "a comparison",
    ast.BoolOp: "a condition",
    ast.NamedExpr: "an assignment inside an expression",
    ast.Dict: "a dictionary",
    ast.Set: "a set",
    ast.ClassDef: "a class",
    ast.FunctionDef: "a function with arguments",
    ast.AsyncFunctionDef: "a function",
    ast.For: "a loop",
    ast.While: "a loop",
    ast.If: "a condition",
    ast.With: "a with block",
    ast.Try: "a try block",
    ast.Delete: "a deletion",
    ast.AugAssign: "an update of a name",
    ast.Assign: "an assignment to more than a name",
}


class Vocabulary(Protocol):
    """What a framework's words mean."""

    def call(self, name: str, args: tuple, kwargs: Mapping[str, Any], line: int) -> Any:
        """The value of `name(*args, **kwargs)`; `name` is dotted as written."""

    def attribute(self, name: str) -> Any:
        """The value of a dotted name that is not called, such as `tf.nn.relu`; None if it has none."""

    def apply(self, layer: Any, args: tuple, line: int) -> Any:
        """The value of `layer(*args)`, a layer called on something."""


@dataclass(frozen=True)
class Unreadable:
    """The value of a name whose right side could not be read. Harmless as long as no layer asks for it."""

    reason: ParseError


@dataclass
class Evaluator:
    """The names that a text has defined so far, and what expressions over them are worth."""

    words: Vocabulary
    names: dict[str, Any] = field(default_factory=dict)
    work: int = 0

    def evaluate(self, node: ast.expr) -> Any:
        """The value of an expression made of numbers, strings, lists, known names and the dialect's calls."""
        match node:
            case ast.Constant(value=bool() | int() | float() | str() | None):
                return _bounded(node.value, node)
            case ast.Tuple() | ast.List():
                return self.evaluate_all(node.elts, node)
            case ast.Name():
                return self._look_up(node)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                value = _number(self.evaluate(node.operand), node)
                return -value if isinstance(node.op, ast.USub) else value
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.Call():
                return self._call(node)
            case ast.Attribute() if (value := self.words.attribute(dotted(node))) is not None:
                return value
        raise refusal(node)

    def evaluate_all(self, nodes: list[ast.expr], parent: ast.expr) -> tuple:
        """Values of the items of a list or call, `*layers` spread out."""
        values: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                spread = self.evaluate(node.value)
                values.extend(spread if isinstance(spread, tuple) else (spread,))
            else:
                values.append(self.evaluate(node))
            self._weigh(values, parent)
        return tuple(values)

    def _weigh(self, values: Sequence[Any], parent: ast.expr) -> None:
        """Refuses lists that unfold beyond the caps, before anything walks or prints them."""
        pending, items = list(values[-1:]), len(values)
        while pending and items <= MAX_ITEMS:
            value = pending.pop()
            if isinstance(value, tuple):
                items += len(value)
                pending.extend(v for v in value if isinstance(v, tuple))
        self.work += items - len(values) + 1
        if items > MAX_ITEMS or self.work > MAX_WORK:
            raise ParseError(f"Line {parent.lineno}: the lists expand to more than {MAX_ITEMS:,} items: write fewer.")

    def _look_up(self, node: ast.Name) -> Any:
        if node.id not in self.names:
            raise ParseError(f"Line {node.lineno}: the name {node.id[:60]} has no value: write the number itself.")
        value = self.names[node.id]
        if isinstance(value, Unreadable):
            raise value.reason
        return value

    def _call(self, node: ast.Call) -> Any:
        name = dotted(node.func)
        if not name and isinstance(node.func, ast.Attribute) and node.func.attr in UNWRAPPED:
            return self.evaluate(node.func.value)
        if any(keyword.arg is None for keyword in node.keywords):
            raise ParseError(f"Line {node.lineno}: arguments passed with ** cannot be parsed: write each one out.")
        args = self.evaluate_all(node.args, node)
        if not name and isinstance(node.func, ast.Call):
            return self.words.apply(self.evaluate(node.func), args, node.lineno)
        if isinstance(node.func, ast.Name) and name in self.names:
            return self.words.apply(self._look_up(node.func), args, node.lineno)
        if not name:
            raise refusal(node.func)
        return self.words.call(name, args, {k.arg: self.evaluate(k.value) for k in node.keywords if k.arg}, node.lineno)

    def _arithmetic(self, node: ast.BinOp) -> Any:
        left, right = (self.evaluate(side) for side in (node.left, node.right))
        if isinstance(node.op, ast.Add) and isinstance(left, tuple) and isinstance(right, tuple):
            self._weigh((left, right), node)
            self._weigh((right, left), node)
            return left + right  # lists of layers, one after the other
        left, right = _number(left, node), _number(right, node)
        if type(node.op) not in _OPERATORS:
            raise refusal(node)
        if isinstance(node.op, ast.Pow) and (abs(right) > 40 or abs(left) > 10**6):
            raise ParseError(f"Line {node.lineno}: this power is too large; write the number itself.")
        try:
            return _bounded(_OPERATORS[type(node.op)](left, right), node)
        except ArithmeticError:
            raise ParseError(f"Line {node.lineno}: this expression has no result (a division by zero?).") from None


def dotted(node: ast.expr) -> str:
    """`torch.nn.ReLU` as text; empty for anything but names joined by dots."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def refusal(node: ast.AST) -> ParseError:
    """What to say about a piece of Python that would have to be run."""
    what = _NOT_READ.get(type(node), f"this ({type(node).__name__})")
    line = getattr(node, "lineno", 1)
    return ParseError(
        f"Line {line}: {what} cannot be parsed, because nothing is executed: write the layers out one by one."
    )


def _number(value: Any, node: ast.expr) -> Any:
    if type(value) not in (int, float):
        raise ParseError(f"Line {node.lineno}: only numbers can be added, multiplied or negated here.")
    return value


def _bounded(value: Any, node: ast.expr) -> Any:
    if type(value) is complex:
        raise ParseError(f"Line {node.lineno}: a number here has no real value.")
    if type(value) in (int, float) and abs(value) > MAX_NUMBER:
        raise ParseError(f"Line {node.lineno} contains a number beyond {MAX_NUMBER:,}; no layer needs one that large.")
    if isinstance(value, str) and len(value) > 200:
        raise ParseError(
            f"Line {node.lineno} contains a string of {len(value):,} characters; no layer needs one that long."
        )
    return value
