"""Blocks of a text that are sure to run, `with` and `try`: their statements are run like those around them."""

from __future__ import annotations

import ast
from contextlib import ExitStack
from dataclasses import dataclass, field

from core.parsing.entering import Entering
from core.parsing.evaluation.contexts import Context
from core.parsing.evaluation.values import Scope


@dataclass
class EnteringBlocks(Entering):
    """Adds blocks to what enters functions."""

    tries: list[ast.Try] = field(default_factory=list)  # that the statement at hand stands in
    handler: ast.ExceptHandler | None = None  # that has caught what the last of their statements raised

    def block(self, node: ast.With | ast.Try, body: list[ast.stmt], scope: Scope) -> None:
        """The statements of a block that is sure to run, or what follows a failed import in it."""
        handler = None
        with ExitStack() as entered:
            for context in self._contexts(node, scope):
                context.enter()
                entered.callback(context.leave)
            for statement in body:
                handler = self._tried(statement, node, scope)
                if handler is not None:
                    break
        more = [] if isinstance(node, ast.With) else [*(handler.body if handler else node.orelse), *node.finalbody]
        for statement in more:
            self.statement(statement, scope)

    def _contexts(self, node: ast.With | ast.Try, scope: Scope) -> list[Context]:
        """What a `with` enters that counts inside of it."""
        items = node.items if isinstance(node, ast.With) else []
        calls = [item.context_expr for item in items if _is_arg_scope(item.context_expr)]
        values = [self.evaluator.evaluate(call, scope) for call in calls]
        return [value for value in values if isinstance(value, Context)]

    def _tried(self, statement: ast.stmt, node: ast.With | ast.Try, scope: Scope) -> ast.ExceptHandler | None:
        """Evaluates a statement of a block; the `except` that goes on instead, if it fails as Python would."""
        if isinstance(node, ast.With):
            self.statement(statement, scope)
            return None
        self.tries.append(node)
        self.handler = None
        try:
            self.statement(statement, scope)
        finally:
            self.tries.pop()
        return self.handler or self.evaluator.instead_of(statement, node, scope)

    def caught(self, error: Exception, scope: Scope) -> bool:
        """Whether the text itself says what to do where a statement fails so."""
        self.handler = self.evaluator.caught(error, self.tries[-1], scope) if self.tries else None
        return self.handler is not None


def _is_arg_scope(node: ast.expr) -> bool:
    """Whether an expression is TF-Slim's `arg_scope(...)`.

    >>> _is_arg_scope(ast.parse("slim.arg_scope([slim.conv2d])", mode="eval").body)
    True
    """
    function = node.func if isinstance(node, ast.Call) else node
    return isinstance(node, ast.Call) and getattr(function, "attr", getattr(function, "id", "")) == "arg_scope"
