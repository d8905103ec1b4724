"""Functions of a text that yield: each runs from one `yield` to the next, when what it yields is asked for."""

from __future__ import annotations

import ast
from collections.abc import Callable
from collections.abc import Generator as Steps
from typing import Any

from core.parsing.clean.per_node import OncePerNode
from core.parsing.evaluation.blocks import Blocks, ClosedGenerator, Jump
from core.parsing.evaluation.exceptions import TextError, raised
from core.parsing.evaluation.lazy_items import LazyItems, OfText, yields
from core.parsing.evaluation.values import Function, Scope, Type

MIDDLE = "this yield stands in the middle of an expression: give what it yields a line of its own."


class Generator(LazyItems):
    """What the call of a function that yields gives; its body runs as far as is asked for."""

    name = "a generator"

    def __init__(self, evaluator: Any, function: Function, scope: Scope, node: ast.AST | None):
        super().__init__(())
        self.evaluator, self.function, self.node = evaluator, function, node
        assert isinstance(function.node, ast.FunctionDef)
        self.steps: Steps[Any, Any, Jump | None] = evaluator.paused(function.node.body, scope)

    def __next__(self) -> Any:
        return self.send(None)

    def send(self, value: Any) -> Any:
        """`generator.send(value)`: the `yield` that it stands at is worth this value."""
        return self._resumed(lambda: self.steps.send(value))

    def throw(self, error: BaseException) -> Any:
        """An error at the `yield` where it stands."""
        return self._resumed(lambda: self.steps.throw(error))

    def close(self) -> None:
        """Its end, wherever it stands."""
        try:
            self.throw(ClosedGenerator())
        except (StopIteration, ClosedGenerator):
            return
        raise self.evaluator.fail(self.node, f"{self.function.name} goes on although it is closed.", RuntimeError)

    def _resumed(self, resume: Any) -> Any:
        with OfText(), self.evaluator.deeper(self.function, self.node):
            try:
                return resume()
            except StopIteration as end:
                jump = end.value
                raise StopIteration(None if jump is None else jump.value) from None
            except TextError as error:
                if error.kinds[:1] == ("StopIteration",):
                    raise raised(str(error), RuntimeError) from None
                raise


def _sent(call: Any, generator: Generator, value: Any) -> Any:
    try:
        return generator.send(value)
    except StopIteration:
        raise call.evaluator.fail(call.node, "send: nothing is left to take.", StopIteration) from None


def _thrown(call: Any, generator: Generator, kind: Any, *more: Any) -> Any:
    if not isinstance(kind, Type) or not issubclass(kind.cls[0], BaseException):
        raise call.fail("only errors of Python's can be thrown here.")
    try:
        return generator.throw(raised(f"{generator.function.name} is given an error.", kind.cls[0]))
    except StopIteration:
        raise call.evaluator.fail(call.node, "throw: nothing is left to take.", StopIteration) from None


GENERATOR: dict[str, Callable[..., Any]] = {
    "send": _sent,
    "throw": _thrown,
    "close": lambda call, generator: generator.close(),
}


class Generators(Blocks):
    """Adds statements that wait at a `yield` to the evaluator."""

    def generator(self, function: Function, scope: Scope, node: ast.AST | None) -> Generator:
        """A call of a function that yields, of which nothing has run yet."""
        return Generator(self, function, scope, node)

    def paused(self, statements: list[ast.stmt], scope: Scope) -> Steps[Any, Any, Jump | None]:
        """Statements in order, up to the first that leaves the block; what they yield is handed out."""
        for statement in statements:
            if yields(statement):
                self.budget.step(statement)
                jump = yield from self._paused(statement, scope)
            else:
                jump = self.execute(statement, scope)
            if jump is not None:
                return jump
        return None

    def _paused(self, node: ast.stmt, scope: Scope) -> Steps[Any, Any, Jump | None]:
        match node:
            case ast.If():
                holds = self.is_true((yield from self._received(node.test, node.test, scope)), node)
                return (yield from self.paused(node.body if holds else node.orelse, scope))
            case ast.For():
                turns = self._assigned(self.evaluate(node.iter, scope), node, scope)
                return (yield from self._paused_loop(turns, node, scope))
            case ast.While():
                return (yield from self._paused_loop(self._while_true(node, scope), node, scope))
            case ast.With():
                return (yield from self._within(node.items, node, scope))
            case ast.Try():
                return (yield from self._try_steps(node, scope))
            case ast.Match():
                return (yield from self.paused(self._matched(node, scope), scope))
        yield from self._received(node, None, scope)
        return self.execute(node, scope)

    def _paused_loop(self, turns: Any, node: ast.For | ast.While, scope: Scope) -> Steps[Any, Any, Jump | None]:
        for _ in turns:
            jump = yield from self.paused(node.body, scope)
            if jump is not None and jump.kind != "continue":
                return jump if jump.kind == "return" else None
        return (yield from self.paused(node.orelse, scope))

    def _handed_out(self, node: ast.expr, value: Any) -> Steps[Any, Any, Any]:
        """Hands out what a `yield` yields; what is sent back, or what another generator returns in the end."""
        if isinstance(node, ast.Yield):
            return (yield value)
        if isinstance(value, Generator):
            return (yield from value)
        yield from self.iterate(value, node)
        return None

    def _received(self, node: ast.AST, worth: ast.expr | None, scope: Scope) -> Steps[Any, Any, Any]:
        """Waits at each `yield` of a statement or expression, and keeps what is sent there for its evaluation."""
        order = _yields_first(node) if yields(node) else ()
        if order is None:
            raise self.fail(node, MIDDLE)
        for one in order:
            value = None if one.value is None else self.evaluate(one.value, scope)
            scope.sent[one] = yield from self._handed_out(one, value)
        return self.evaluate(worth, scope) if worth is not None else None


@OncePerNode  # a loop comes by the same one again and again
def _yields_first(node: ast.AST) -> tuple[ast.Yield | ast.YieldFrom, ...] | None:
    """The `yield` parts of a statement, the inner ones first; None where something else may have to run before."""
    order: list[ast.Yield | ast.YieldFrom] = []
    is_clear = _collect(node, order)
    return tuple(order) if is_clear else None


def _collect(node: ast.AST, order: list[ast.Yield | ast.YieldFrom]) -> bool:
    """Whether nothing is called before the yields of a node, and all of them are sure to be come by."""
    places = ("targets", "target", "annotation")  # what a value is given to is evaluated after it
    children = [one for key, one in ast.iter_fields(node) if key not in places]
    nodes = [part for one in children for part in (one if isinstance(one, list) else [one])]
    parts = [part for part in nodes if isinstance(part, (ast.expr, ast.keyword))]
    last = max((index for index, part in enumerate(parts) if yields(part)), default=-1)
    is_sure = last <= 0 or not isinstance(node, (ast.BoolOp, ast.IfExp, ast.Compare))
    is_clear = is_sure and all(
        _collect(part, order) if yields(part) else not _calls(part) for part in parts[: last + 1]
    )
    if isinstance(node, (ast.Yield, ast.YieldFrom)):
        order.append(node)
    return is_clear


def _calls(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Call) for part in ast.walk(node))
