"""Functions of a text that build networks: their bodies are run statement by statement, like the text itself.

What is about data, training, printing or plotting is passed over in them as it is outside.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from core.errors import ParseError
from core.parsing.definitions import receiver
from core.parsing.dialects.keras.unbuilt import KerasLayer
from core.parsing.evaluation.local_names import local_names, rebound
from core.parsing.evaluation.values import MISSING, Function, Instance, Scope
from core.parsing.network_values import holds_layers, is_network
from core.parsing.networks.plain_classes import PlainClasses
from core.parsing.statements.turns import arguments_of

MAX_ENTERED = 5


class ReturnReached(Exception):
    """Leaves an entered function, from within its branches and loops."""

    def __init__(self, value: Any):
        super().__init__("a function returns")
        self.value = value


@dataclass
class Entering(PlainClasses):
    """Adds entering functions to what finds the networks of a text."""

    depth: int = 0  # of functions that are entered one from another

    def statement(self, node: ast.stmt, scope: Scope) -> None:
        """One statement at the outer level; blocks that are sure to run are entered."""
        raise NotImplementedError

    def built_by_call(self, node: ast.stmt, scope: Scope) -> bool:
        """`model = train(0.1)`: what the function builds, where the rest of it, such as training, is not evaluated."""
        match node:
            case ast.Assign(value=ast.Call(func=ast.Name(id=name)) as call):
                function = scope.find(name)
                if isinstance(function, Function) and function.runs_at_once():
                    return self.enter_call(node, function, call, scope)
        return False

    def _remember_parts(self, name: str, owner: Instance, line: int) -> None:
        """The networks that an object keeps, such as the generator of a `gan = GAN()`."""
        known = [network.value for network in self.built]
        for key, value in owner.names.items():
            if is_network(value) and not any(value is one for one in known):
                self._remember(f"{name}.{key}", value, line)

    def _take_parts(self, node: ast.stmt, scope: Scope) -> None:
        """`self.main = nn.Sequential(...)`, pasted out of a constructor: what it makes, one after the other."""
        match node:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value):
                if scope.find("self") is MISSING:
                    layer = self.evaluator.evaluate(value, scope)
                    if is_network(layer) or isinstance(layer, KerasLayer):
                        self.loose.append(layer)
                        self._remember(name, layer, node.lineno)

    def enter_plain(self, function: Function) -> bool:
        module = self.enter(function)
        if is_network(module):
            self._remember(function.name, module, function.node.lineno)
        return True

    def enter_call(self, node: ast.stmt, function: Function, call: ast.Call, scope: Scope) -> bool:
        """`train(0.1)`, whose function builds a network of its own; not one that goes on with a network it is given."""
        values = arguments_of(self.evaluator, function, call, scope) if self.builds_layers(function) else None
        made_anew = rebound(function.node)
        if values is None or any(holds_layers(value) for name, value in values.items() if name not in made_anew):
            return False
        count = len(self.built)
        result = self.enter(function, values)
        if is_network(result):
            self._remember(function.name, result, node.lineno)
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            self.evaluator.assign(node.targets[0], result, scope)
        return len(self.built) > count or isinstance(node, ast.Expr)

    def enter(self, function: Function, values: dict[str, Any] | None = None) -> Any:
        """The body of a function, statement by statement; what it returns, if a network."""
        if self.depth >= MAX_ENTERED:
            raise ParseError(f"Line {function.node.lineno}: {function.name} calls itself again and again.")
        self.depth += 1
        try:
            scope = Scope(function.scope, self.evaluator.bind(function, [], values or {}, function.node))
            scope.owner, scope.receiver = function.owner, (values or {}).get(receiver(function))
            names = local_names(function.node)  # no others: what is passed over may have set them
            scope.local_names = frozenset(name for name in names if holds_layers(function.scope.find(name)))
            return self._body(function, scope)
        finally:
            self.depth -= 1

    def _body(self, function: Function, scope: Scope) -> Any:
        try:
            for statement in function.node.body if isinstance(function.node, ast.FunctionDef) else []:
                self.evaluator.budget.step(statement)
                self.statement(statement, scope)
        except ReturnReached as end:
            return end.value
        return None

    def leave(self, node: ast.Return, scope: Scope) -> None:
        """`return value` in a function that is entered. Raises: ReturnReached."""
        raise ReturnReached(self.evaluator.evaluate(node.value, scope) if node.value is not None else None)
