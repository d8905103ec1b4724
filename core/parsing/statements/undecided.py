"""Statements within a `try` of which is not known whether they fail, and what depends on that."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from core.parsing.evaluation.values import Scope, Unknown
from core.parsing.network_values import names_in
from core.parsing.statements.bindings import Bindings, value_of
from core.parsing.statements.statement_kinds import stored_names

MOST_UNDECIDED = 12  # lines


@dataclass
class Undecided(Bindings):
    """Adds to what runs a text what it may do otherwise where the code itself is run."""

    def decides_what_follows(self, scope: Scope) -> bool:
        """Whether a `try` around does something else where the statement at hand fails: who knows whether it does?"""
        return any(self.concerns(one, scope) or stored_names(one) for one in self.depending())

    def note_undecided(self, node: ast.stmt, scope: Scope) -> None:
        """Takes note of a statement in a `try` of which nothing is known, not even whether it fails."""
        if isinstance(node, (ast.Import, ast.ImportFrom)) or len(self.undecided) >= MOST_UNDECIDED:
            return
        if not (depending := self.depending()):
            return
        values = [value_of(name, scope) for name in stored_names(node)]
        if node.lineno in self.skipped or any(isinstance(one, Unknown) for one in values):
            self.undecided[node.lineno] = depending

    def undecided_lines(self) -> list[int]:
        """Lines that may fail, where the networks depend on that: no more than are worth saying."""
        reads = {name for one in self.used for name in names_in(one) - set(stored_names(one))}
        matters: dict[ast.stmt, bool] = {}

        def is_needed(statement: ast.stmt) -> bool:
            if statement not in matters:
                stored = stored_names(statement)
                matters[statement] = self.concerns(statement, self.evaluator.globals) or not reads.isdisjoint(stored)
            return matters[statement]

        return [line for line, depending in self.undecided.items() if any(map(is_needed, depending))]
