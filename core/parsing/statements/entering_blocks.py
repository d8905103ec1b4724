"""Blocks of a text that are sure to run, `with` and `try`: their statements are run like those around them."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from core.errors import ParseError
from core.parsing.evaluation.contexts import Context
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.expected_failures import of_import
from core.parsing.evaluation.values import Scope, Unknown
from core.parsing.statements.entering import Entering, ReturnReached
from core.parsing.statements.guarded_blocks import GuardedBlock, of_try, of_with

Entered = tuple[Context, ast.expr | None]  # and what gets its value
LEAVING: tuple[type[Exception], ...] = (ReturnReached, *MISFITS)


@dataclass
class EnteringBlocks(Entering):
    """Adds blocks to what enters functions."""

    guards: list[GuardedBlock] = field(default_factory=list)  # around a statement
    undecided: dict[int, list[ast.stmt]] = field(default_factory=dict)  # lines that may fail -> what depends on that

    def block(self, node: ast.With | ast.Try, scope: Scope) -> None:
        """The statements of a block that is sure to run, or what follows a failed statement in it."""
        if isinstance(node, ast.With):
            self._inside(self._contexts(node, scope), node.body, scope)
            return
        try:
            handler = self._tried(node, scope)
            self._all(handler.body if handler else node.orelse, scope)
            scope.names.pop(handler.name or "" if handler else "", None)
        except LEAVING as error:
            if isinstance(error, ReturnReached) or self.is_caught(error):
                self._all(node.finalbody, scope)
            raise
        self._all(node.finalbody, scope)

    def is_caught(self, error: Exception) -> bool:
        """Whether the text itself says what to do where the statement at hand fails so."""
        return any(one.catches(error) for one in self.guards)

    def depending(self) -> list[ast.stmt]:
        """Statements that run, or do not run, where the one at hand fails in a way that is not known here."""
        return [statement for one in self.guards for statement in one.depending()]

    def _all(self, statements: list[ast.stmt], scope: Scope) -> None:
        for index, statement in enumerate(statements):
            if self.guards and self.guards[-1].body is statements:
                self.guards[-1].index = index
            self.statement(statement, scope)

    def _inside(self, contexts: list[Entered], body: list[ast.stmt], scope: Scope) -> None:
        """Statements of a `with` in what it enters, the first of them outermost."""
        if not contexts:
            self._all(body, scope)
            return
        (first, target), *rest = contexts

        def within(value: Any) -> None:
            if target is not None:
                self.evaluator.assign(target, value, scope)
            self._inside(rest, body, scope)

        with self._guarded(of_with(first, body)):
            first.around(within)

    def _contexts(self, node: ast.With, scope: Scope) -> list[Entered]:
        """What a `with` enters, and what gets its value; what cannot be evaluated, such as a file, is not known."""
        contexts: list[Entered] = []
        for item in node.items:
            try:
                value = self.evaluator.evaluate(item.context_expr, scope)
            except MISFITS as error:
                refused = error if isinstance(error, ParseError) else None
                value = Unknown("this could not be evaluated", node.lineno, "", None, refused)
            if isinstance(value, Context) or item.optional_vars is not None:
                contexts.append((self.evaluator.as_context(value, node), item.optional_vars))
        return contexts

    def _tried(self, node: ast.Try, scope: Scope) -> ast.ExceptHandler | None:
        """Runs the statements of a `try`; the `except` that goes on where one fails as Python would."""
        with self._guarded(of_try(node, scope)) as block:
            try:
                for block.index, statement in enumerate(node.body):
                    handler = self.evaluator.expected(statement, node, scope)
                    if handler is None:
                        self.statement(statement, scope)
                        handler = of_import(self.evaluator, statement, node, scope)
                    if handler is not None:
                        return handler
            except MISFITS as error:
                handler = self.evaluator.caught(error, node, scope)
                if handler is None:
                    raise
                return handler
        return None

    @contextlib.contextmanager
    def _guarded(self, block: GuardedBlock) -> Iterator[GuardedBlock]:
        """The time within a block."""
        self.guards.append(block)
        try:
            yield block
        finally:
            self.guards.pop()
