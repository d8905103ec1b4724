"""Statements that hold others: branches, loops, `with`, `try` and `match`."""

from __future__ import annotations

import ast
from collections.abc import Generator, Iterator
from functools import partial
from typing import Any

from torch import Tensor

from core.errors import ParseError
from core.parsing.evaluation.contexts import Context, OwnContext, Plain
from core.parsing.evaluation.core import MISFITS, DependsOnData
from core.parsing.evaluation.exceptions import caught_value, handler_of
from core.parsing.evaluation.expected_failures import of_absence, of_import
from core.parsing.evaluation.library.file_names import only_refuses_files
from core.parsing.evaluation.matching import matches
from core.parsing.evaluation.required_words import settle_word
from core.parsing.evaluation.shortcuts.data_loops import fill_once, fills_alike
from core.parsing.evaluation.shortcuts.filling import FEWEST, filled_by
from core.parsing.evaluation.shortcuts.number_loops import TURNS_A_STEP, counted
from core.parsing.evaluation.shortcuts.stored_values import lose_contents, only_moves_values
from core.parsing.evaluation.text_classes.class_attributes import ClassAttributes
from core.parsing.evaluation.values import MISSING, Scope, StoredValue, Unknown


class ClosedGenerator(BaseException):
    """What a generator meets where it stands when it is closed: only its `finally` runs then."""


LEAVING: tuple[type[BaseException], ...] = (*MISFITS, ClosedGenerator)


class Jump:
    """Leaves a block of statements: `kind` is "return", "break" or "continue"."""

    def __init__(self, kind: str, value: Any = None):
        self.kind, self.value = kind, value


class Blocks(ClassAttributes):
    """Adds statements that hold others to the evaluator."""

    def execute(self, node: ast.stmt, scope: Scope) -> Jump | None:
        """One statement."""
        raise NotImplementedError

    def execute_all(self, statements: list[ast.stmt], scope: Scope) -> Jump | None:
        """Statements in order, up to the first that leaves the block."""
        raise NotImplementedError

    def holds(self, node: ast.If, scope: Scope) -> bool:
        """Whether the first branch is taken, as far as a text tells."""
        if only_refuses_files(node):
            return False
        test = self.evaluate(node.test, scope)
        if isinstance(test, Unknown) and settle_word(self, node, scope):
            test = self.evaluate(node.test, scope)
        return self.is_true(test, node)

    def _if(self, node: ast.If, scope: Scope) -> Jump | None:
        try:
            branch = node.body if self.holds(node, scope) else node.orelse
        except DependsOnData as error:
            if not (isinstance(error.value, StoredValue) and only_moves_values(node)):
                raise
            lose_contents(node, scope)
            branch = []
        return self.execute_all(branch, scope)

    def _for(self, node: ast.For, scope: Scope) -> Jump | None:
        if self._counted(node, scope):
            return None
        try:
            values = self._gone_through(node, scope)
            if values is None:
                return None
            turns = self._assigned(values, node, scope)
        except DependsOnData as error:
            if not (isinstance(error.value, StoredValue) and only_moves_values(node)):
                if fill_once(self, node, scope):
                    return None
                raise
            lose_contents(node, scope)
            return None
        except ParseError:
            if not fill_once(self, node, scope):
                raise
            return None
        return self._loop(turns, node, scope)

    def _gone_through(self, node: ast.For, scope: Scope) -> Any:
        """What a loop goes through; None if one turn of it, which only takes parts of data, has told all."""
        match node.iter:
            case ast.Call(func=ast.Name(id="range"), args=args, keywords=[]) if args:
                bounds = self.evaluate_all(args, scope, node.iter)
                if fills_alike(self, node, bounds, scope):
                    return None
                return self.call(self.evaluate(node.iter.func, scope), bounds, {}, node.iter)
        return self.evaluate(node.iter, scope)

    def _counted(self, node: ast.For, scope: Scope) -> bool:
        """Whether a loop within which others stand only counts, and has been worked out."""
        if len(node.body) != 1 or not isinstance(node.body[0], ast.For):
            return False
        pay = partial(self.budget.step, node)
        done = counted(node, scope.find, self.counted_loops, pay) if not scope.elsewhere else None
        if done is None:
            return False
        scope.names.update(done.stored)
        self.budget.step(node, done.turns // TURNS_A_STEP)
        return True

    def _assigned(self, values: Any, node: ast.For, scope: Scope) -> Iterator[Any]:
        """The items of a loop, each given to its target."""
        if isinstance(values, range) and len(values) >= FEWEST and self._only_fills(node, scope):
            values = (values[0], values[-1])
        return self._each_given(self.iterate(values, node), node.target, scope)

    def _each_given(self, items: Iterator[Any], target: ast.expr, scope: Scope) -> Iterator[Any]:
        for item in items:
            self.assign(target, item, scope)
            yield item

    def _only_fills(self, node: ast.For, scope: Scope) -> bool:
        """Whether a loop does no more than write numbers into tensors without memory."""
        places = [self.evaluate(place, scope) for place in filled_by(node)]
        return bool(places) and all(isinstance(place, Tensor) and place.is_meta for place in places)

    def _while(self, node: ast.While, scope: Scope) -> Jump | None:
        return self._loop(self._while_true(node, scope), node, scope)

    def _while_true(self, node: ast.While, scope: Scope) -> Iterator[Any]:
        return iter(lambda: self.is_true(self.evaluate(node.test, scope), node), False)

    def _loop(self, turns: Iterator[Any], node: ast.For | ast.While, scope: Scope) -> Jump | None:
        """The body once for each turn, up to a break or return; `else` where nothing breaks it off."""
        for _ in turns:
            jump = self.execute_all(node.body, scope)
            if jump is not None and jump.kind != "continue":
                return jump if jump.kind == "return" else None
        return self.execute_all(node.orelse, scope)

    def paused(self, statements: list[ast.stmt], scope: Scope) -> Generator[Any, Any, Jump | None]:
        """Statements in order, which may wait at a `yield`."""
        raise NotImplementedError

    def _with(self, node: ast.With, scope: Scope) -> Jump | None:
        return _to_the_end(self._within(node.items, node, scope))

    def _within(self, items: list[ast.withitem], node: ast.With, scope: Scope) -> Generator[Any, Any, Jump | None]:
        """The body in what the items enter, the first of them outermost."""
        if not items:
            return (yield from self.paused(node.body, scope))
        first, *rest = items
        context = self.as_context(self.evaluate(first.context_expr, scope), node)
        value = context.enter()
        try:
            if first.optional_vars is not None:
                self.assign(first.optional_vars, value, scope)
            jump = yield from self._within(rest, node, scope)
        except Exception as error:
            if context.ends(error):
                return None
            raise
        context.leave(None)
        return jump

    def as_context(self, value: Any, node: ast.AST) -> Context:
        """How the value of a `with` is entered and left."""
        if isinstance(value, Context):
            return value
        if any(self.own_method(value, name) is not MISSING for name in ("__enter__", "__exit__")):
            return OwnContext(self, value, node)
        return Plain(next(value, None) if hasattr(value, "__next__") else value)

    def _try(self, node: ast.Try, scope: Scope) -> Jump | None:
        return _to_the_end(self._try_steps(node, scope))

    def _try_steps(self, node: ast.Try, scope: Scope) -> Generator[Any, Any, Jump | None]:
        """A `try` with its `finally`, which also runs behind an error and where a generator is closed."""
        try:
            jump = yield from self._tried(node, scope)
        except LEAVING:
            jump = yield from self.paused(node.finalbody, scope)
            if jump is None:
                raise
            return jump
        return (yield from self.paused(node.finalbody, scope)) or jump

    def _tried(self, node: ast.Try, scope: Scope) -> Generator[Any, Any, Jump | None]:
        """A `try` up to its `finally`."""
        for statement in node.body:
            if (handler := self.expected(statement, node, scope)) is not None:
                return (yield from self._handled(handler, scope))
            try:
                jump = yield from self.paused([statement], scope)
                handler = of_import(self, statement, node, scope)
            except MISFITS as error:
                handler = self.caught(error, node, scope)
                if handler is None:
                    raise
            if handler is not None:
                return (yield from self._handled(handler, scope))
            if jump is not None:
                return jump
        return (yield from self.paused(node.orelse, scope))

    def _handled(self, handler: ast.ExceptHandler, scope: Scope) -> Generator[Any, Any, Jump | None]:
        """The statements of an `except`, behind which the name of its error has no value."""
        try:
            return (yield from self.paused(handler.body, scope))
        finally:
            scope.names.pop(handler.name or "", None)

    def caught(self, error: Exception, node: ast.Try, scope: Scope) -> ast.ExceptHandler | None:
        """The `except` of a text that catches an error, whose name is set."""
        handler = handler_of(error, node, scope)
        if handler is not None:
            scope.caught = error
            if handler.name:
                scope.names[handler.name] = caught_value(error, handler)
        return handler

    def expected(self, statement: ast.stmt, node: ast.Try, scope: Scope) -> ast.ExceptHandler | None:
        """What a text does where what a statement of a `try` needs is not there, a name or a file."""
        return None if self.run.is_lenient else of_absence(self, statement, node, scope)

    def _match(self, node: ast.Match, scope: Scope) -> Jump | None:
        return self.execute_all(self._matched(node, scope), scope)

    def _matched(self, node: ast.Match, scope: Scope) -> list[ast.stmt]:
        """The statements of the first case that fits."""
        value = self.resolve(self.evaluate(node.subject, scope), node)
        for case in node.cases:
            if matches(self, case.pattern, value, scope) and (
                case.guard is None or self.is_true(self.evaluate(case.guard, scope), node)
            ):
                return case.body
        return []


def _to_the_end(steps: Generator[Any, Any, Jump | None]) -> Jump | None:
    """What statements give that wait nowhere."""
    try:
        next(steps)
    except StopIteration as end:
        return end.value
    raise ParseError("a yield stands where nothing can wait for it.")
