"""Reads the statements of pasted code, whole tutorial scripts included. Nothing is executed.

A statement that says nothing about layers and cannot be read is left out; its names have no value from there on.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.errors import ParseError
from core.parsing.evaluate import Evaluator, Unreadable, Vocabulary, dotted, refusal
from core.parsing.plan import LayerCall

KNOWN = {
    "torch",
    "torchvision",
    "tensorflow",
    "keras",
    "tf_keras",
    "paddle",
    "core",
    "collections",
    "numpy",
    "matplotlib",
}


class Dialect(Vocabulary, Protocol):
    """A framework's words, as a whole script uses them."""

    def knows(self, name: str) -> bool:
        """Whether a dotted name is that of a layer or container."""

    def method(self, values: Evaluator, target: str, name: str, call: ast.Call) -> bool:
        """Handles the statement `target.name(...)`; False if it means nothing here."""


@dataclass
class Script:
    """What a text has said so far: its names, the layers standing alone, the lines left out and why."""

    dialect: Dialect
    values: Evaluator = field(init=False)
    alone: list[LayerCall] = field(default_factory=list)
    last: str = ""  # the name that a network was last given
    left_out: list[int] = field(default_factory=list)
    reason: ParseError | None = None  # of the first line left out

    def __post_init__(self) -> None:
        self.values = Evaluator(self.dialect)

    def run(self, statements: list[ast.stmt]) -> Script:
        """Reads every statement in order."""
        for statement in statements:
            try:
                self._statement(statement)
            except ParseError as error:
                if self._concerns_layers(statement):
                    raise
                self._leave_out(statement, error)
        return self

    def layers(self) -> tuple[LayerCall, ...]:
        """The network that the text describes: the last one named, or the layers that stand alone, in a row.

        Raises: ParseError if there is none, saying why the first line left out could not be read.
        """
        if self.alone:
            return tuple(self.alone)
        if self.last:
            return (self.values.names[self.last],)
        for value in reversed(self.values.names.values()):
            if isinstance(value, tuple) and value and all(isinstance(item, LayerCall) for item in value):
                return value
        raise self.reason or ParseError(
            "No layer was found: paste a network, for example nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU())."
        )

    def notes(self) -> tuple[str, ...]:
        """Sentences on what was passed over."""
        notes = []
        if self._has_other_networks():
            notes.append(f"The text contains several networks; the last one, {self.last}, was used.")
        if self.left_out:
            lines = ", ".join(map(str, self.left_out[:12])) + (" and more" if len(self.left_out) > 12 else "")
            many = len(self.left_out) > 1
            notes.append(
                f"Line{'s' * many} {lines} {'were' if many else 'was'} skipped: nothing there adds a layer, "
                "and nothing is executed."
            )
        return tuple(notes)

    def _has_other_networks(self) -> bool:
        chosen = self.values.names.get(self.last)
        if self.alone or not isinstance(chosen, LayerCall):
            return False
        networks = {v for v in self.values.names.values() if isinstance(v, LayerCall) and v.kind == "Sequential"}
        return bool(networks - _all_inside(chosen))

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                if not _is_of_use(node):
                    self.left_out.append(node.lineno)
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                self._assign(name, self.values.evaluate(value))
            case ast.Assign(targets=[ast.Tuple(elts=targets)]):
                self._unpack(targets, node)
            case ast.Expr(value=ast.Constant(value=str())) | ast.Pass() | ast.Assert():
                pass  # a docstring, or a check that would have to be run
            case ast.Expr(value=value):
                self._expression(value)
            case ast.Return(value=ast.expr() as value):
                self._assign(self.last or "returned", self.values.evaluate(value))
            case ast.FunctionDef() if len(node.args.args) == len(node.args.defaults):
                self._function(node)
            case ast.If(test=ast.Compare(left=ast.Call(func=func), ops=[ast.Eq()], comparators=[ast.Constant(order)])):
                if not dotted(func).endswith("image_data_format"):
                    raise refusal(node)
                self.run(node.body if order == "channels_last" else node.orelse)  # what Keras is unless told otherwise
            case ast.ClassDef():
                raise _class_refusal(node)
            case _:
                raise refusal(node)

    def _assign(self, name: str, value: Any) -> None:
        self.values.names[name] = value
        if isinstance(value, LayerCall):
            self.last, self.alone = name, []

    def _unpack(self, targets: list[ast.expr], node: ast.Assign) -> None:
        values = self.values.evaluate(node.value)
        if not isinstance(values, tuple) or len(values) != len(targets):
            raise ParseError(
                f"Line {node.lineno} has {len(targets)} names on its left and another number of values on its right."
            )
        for target, value in zip(targets, values, strict=True):
            if not isinstance(target, ast.Name):
                raise refusal(node)
            self._assign(target.id, value)

    def _function(self, node: ast.FunctionDef) -> None:
        """A function that builds a network from settings with defaults: its lines are read as if they stood alone."""
        for argument, default in zip(node.args.args, node.args.defaults, strict=True):
            self.values.names[argument.arg] = self.values.evaluate(default)
        before = self.values.names.get(self.last)
        self.run(node.body)
        after = self.values.names.get(self.last)
        if after is not before:
            self.values.names[node.name] = after

    def _expression(self, node: ast.expr) -> None:
        match node:
            case ast.Call(func=ast.Name(id="print" | "summary")):
                return
            case ast.Call(func=ast.Attribute(value=ast.Name(id=target), attr=method)) if target in self.values.names:
                if not self.dialect.method(self.values, target, method, node):
                    self.left_out.append(node.lineno)
                return
        value = self.values.evaluate(node)
        items = value if isinstance(value, tuple) else (value,)
        self.alone += [item for item in items if isinstance(item, LayerCall)]

    def _concerns_layers(self, statement: ast.stmt) -> bool:
        calls = (node for node in ast.walk(statement) if isinstance(node, ast.Call))
        return any(self.dialect.knows(dotted(call.func)) for call in calls)

    def _leave_out(self, statement: ast.stmt, error: ParseError) -> None:
        self.reason = self.reason or error
        self.left_out.append(statement.lineno)
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.values.names[node.id] = Unreadable(error)
                self.last = "" if node.id == self.last else self.last


def _all_inside(layer: LayerCall) -> set[LayerCall]:
    inside: set[LayerCall] = set()
    pending = [layer]
    while pending:
        part = pending.pop()
        if part not in inside:
            inside.add(part)
            pending.extend(part.inner)
    return inside


def _is_of_use(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether an import names what we know. No import is followed; the others are only said to be left out."""
    modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or "."]
    return all(module.split(".")[0] in KNOWN for module in modules)


def _class_refusal(node: ast.ClassDef) -> ParseError:
    return ParseError(
        f"Line {node.lineno} begins the class {node.name[:60]}, whose forward() would have to be executed: paste only "
        "its nn.Sequential(...), or write its layers as one; Residual(...) adds and Parallel(...) concatenates."
    )
