"""Comprehensions and generators in brackets: their loops, conditions and scopes, by Python's rules."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from core.errors import ParseError
from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.calls import first_line
from core.parsing.evaluation.core import DependsOnData
from core.parsing.evaluation.lazy_items import LazyItems
from core.parsing.evaluation.operators import Operators
from core.parsing.evaluation.shortcuts.data_loops import listed_once
from core.parsing.evaluation.shortcuts.tabulating import calls_range, tabulated
from core.parsing.evaluation.values import Scope, Unknown


class Comprehensions(Operators):
    """Adds comprehensions to the evaluator."""

    def assign(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Gives a value to a name, an attribute, an item, or several of them."""
        raise NotImplementedError

    def execute(self, node: ast.stmt, scope: Scope) -> Any:
        """One statement."""
        raise NotImplementedError

    def _hashable(self, make: Callable[[], Any], node: ast.AST) -> Any:
        try:
            return make()
        except TypeError as error:
            raise self.fail(node, f"{first_line(error)}.", TypeError) from None

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scope: Scope) -> Any:
        values = self._tabulated(node, scope)
        try:
            if values is None:
                values = [self.evaluate(node.elt, inner) for inner in self._loops(node.generators, scope, node)]
        except DependsOnData as error:
            return listed_once(self, node, scope) or error.value
        except ParseError:
            if (listed := listed_once(self, node, scope)) is None:
                raise
            return listed
        if isinstance(node, ast.SetComp):
            return self._hashable(lambda: set(values), node)
        return values if isinstance(node, ast.ListComp) else iter(values)

    def _generator(self, node: ast.GeneratorExp, scope: Scope) -> Any:
        """The items one by one, as they are asked for; only what the first loop goes through is evaluated now."""
        values = self._tabulated(node, scope)
        if values is not None:
            return iter(values)
        try:
            turns = self._turns(self._items_of(node.generators[0], scope, node), node.generators, scope, node)
        except DependsOnData as error:
            return error.value
        return LazyItems(self.evaluate(node.elt, inner) for inner in turns)

    def _tabulated(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scope: Scope) -> list[Any] | None:
        """The items of `[formula of i for i in range(n)]`, None for any other comprehension."""
        match node.generators:
            case [ast.comprehension(target=ast.Name(id=name), iter=ast.Call() as source, ifs=[])]:
                items = self.evaluate(source, scope) if calls_range(source) else None
                if isinstance(items, range):
                    self.budget.size(len(items), node)
                    values = tabulated(node.elt, name, items, scope.find)
                    self.budget.step(node, len(items) if values is not None else 0)
                    return values
        return None

    def _dict_comprehension(self, node: ast.DictComp, scope: Scope) -> Any:
        try:
            pairs = [
                (self.evaluate(node.key, inner), self.evaluate(node.value, inner))
                for inner in self._loops(node.generators, scope, node)
            ]
        except DependsOnData as error:
            return error.value
        except ParseError:
            if any(isinstance(part, ast.Call) for part in (*all_nodes(node.key), *all_nodes(node.value))):
                raise
            source = self.evaluate(node.generators[0].iter, scope)
            if not isinstance(source, Unknown) or source.error is not None:
                raise
            return source.made_of_it()
        return self._hashable(lambda: dict(pairs), node)

    def _loops(self, generators: list[ast.comprehension], scope: Scope, node: ast.AST) -> Iterator[Scope]:
        """Their scope, once for each turn of nested loops whose conditions hold; its names change from turn to turn."""
        return self._turns(self._items_of(generators[0], scope, node), generators, scope, node)

    def _items_of(self, loop: ast.comprehension, scope: Scope, node: ast.AST) -> Iterator[Any]:
        return self.iterate(self.evaluate(loop.iter, scope), node)

    def _turns(
        self, items: Iterator[Any], generators: list[ast.comprehension], scope: Scope, node: ast.AST
    ) -> Iterator[Scope]:
        first, *rest = generators
        inner = Scope(scope)
        inner.is_comprehension = True
        for item in items:
            self.assign(first.target, item, inner)
            if all(self.is_true(self.evaluate(test, inner), node) for test in first.ifs):
                if rest:
                    yield from self._loops(rest, inner, node)
                else:
                    yield inner
