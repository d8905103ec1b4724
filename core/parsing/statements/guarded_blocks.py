"""Blocks of a text in which a statement may fail without ending it: what depends on whether it does."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from core.parsing.evaluation.contexts import Context, Suppress
from core.parsing.evaluation.exceptions import caught_names, handler_of
from core.parsing.evaluation.expected_failures import OF_IMPORTS, OF_NAMES, leaves
from core.parsing.evaluation.values import Scope

# what is not raised where something cannot be evaluated here, or is known to be raised
OTHERS = {"KeyboardInterrupt", "SystemExit", "GeneratorExit", "StopIteration", *OF_IMPORTS, *OF_NAMES}


@dataclass
class GuardedBlock:
    """The statements of a `try` or `with`; `instead` runs where one fails in a way that is not known here.

    Where nothing goes on then, `instead` is None.
    """

    body: list[ast.stmt]
    catches: Callable[[Exception], bool]
    instead: list[ast.stmt] | None = None
    index: int = 0  # of the statement at hand

    def depending(self) -> list[ast.stmt]:
        """Statements that run, or do not run, where the one at hand fails."""
        return [] if self.instead is None else [*self.body[self.index + 1 :], *self.instead]


def of_try(node: ast.Try, scope: Scope) -> GuardedBlock:
    """The statements of a `try`."""
    going_on = [one for one in node.handlers if set(caught_names(one, scope)) - OTHERS and not leaves(one.body)]
    instead = [*node.orelse, *(statement for one in going_on for statement in one.body)]
    return GuardedBlock(
        node.body, lambda error: handler_of(error, node, scope) is not None, instead if going_on else None
    )


def of_with(context: Context, body: list[ast.stmt]) -> GuardedBlock:
    """The statements of a `with`."""
    ends_others = isinstance(context, Suppress) and bool(context.names - OTHERS)
    return GuardedBlock(body, context.catches, [] if ends_others else None)
