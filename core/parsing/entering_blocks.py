"""Blocks of a text that are sure to run, `with` and `try`: their statements are run like those around them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from core.parsing.entering import Entering
from core.parsing.evaluation.contexts import Context
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.exceptions import handler_of
from core.parsing.evaluation.values import Scope


@dataclass
class EnteringBlocks(Entering):
    """Adds blocks to what enters functions."""

    catching: list[tuple[ast.Try, Scope] | Context] = field(default_factory=list)  # around a statement

    def block(self, node: ast.With | ast.Try, scope: Scope) -> None:
        """The statements of a block that is sure to run, or what follows a failed statement in it."""
        if isinstance(node, ast.With):
            self._inside(self._contexts(node, scope), node.body, scope)
            return
        try:
            handler = self._tried(node, scope)
            self._all(handler.body if handler else node.orelse, scope)
        except MISFITS as error:
            if self.is_caught(error):
                self._all(node.finalbody, scope)
            raise
        self._all(node.finalbody, scope)

    def is_caught(self, error: Exception) -> bool:
        """Whether the text itself says what to do where the statement at hand fails so."""
        return any(
            one.catches(error) if isinstance(one, Context) else handler_of(error, *one) is not None
            for one in self.catching
        )

    def _all(self, statements: list[ast.stmt], scope: Scope) -> None:
        for statement in statements:
            self.statement(statement, scope)

    def _inside(self, contexts: list[Context], body: list[ast.stmt], scope: Scope) -> None:
        """Statements of a `with` in what it enters, the first of them outermost."""
        if not contexts:
            self._all(body, scope)
            return
        first, *rest = contexts
        self.catching.append(first)
        try:
            first.around(lambda value: self._inside(rest, body, scope))
        finally:
            self.catching.pop()

    def _contexts(self, node: ast.With, scope: Scope) -> list[Context]:
        """What a `with` enters that counts inside of it; what cannot be evaluated, such as a device, does not."""
        contexts = []
        for item in node.items:
            try:
                value = self.evaluator.evaluate(item.context_expr, scope)
            except MISFITS:
                continue
            contexts += [value] if isinstance(value, Context) else []
        return contexts

    def _tried(self, node: ast.Try, scope: Scope) -> ast.ExceptHandler | None:
        """Runs the statements of a `try`; the `except` that goes on where one fails as Python would."""
        self.catching.append((node, scope))
        try:
            for statement in node.body:
                self.statement(statement, scope)
                handler = self.evaluator.instead_of(statement, node, scope)
                if handler is not None:
                    return handler
        except MISFITS as error:
            handler = self.evaluator.caught(error, node, scope)
            if handler is None:
                raise
            return handler
        finally:
            self.catching.pop()
        return None
