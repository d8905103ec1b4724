"""Which names of a text stand for its networks, from one statement to the next."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from core.parsing.clean.syntax import all_nodes
from core.parsing.dialects.keras.networks import KerasNetwork
from core.parsing.dialects.pytorch.presets import trained_size
from core.parsing.evaluation.arrays import Array
from core.parsing.evaluation.misspelt_names import MisspeltNameError, nearest
from core.parsing.evaluation.statements import COST_OF_COMPARING
from core.parsing.evaluation.values import MISSING, Instance, Scope, Unknown
from core.parsing.network_values import MEASURE, has_weights, is_network, is_output, is_whole, names_in
from core.parsing.networks.offered_networks import Network, is_part
from core.parsing.statements.builders import Builders
from core.parsing.statements.statement_kinds import changed_names, is_change

Sizes = list[tuple[nn.Module, tuple[int, int, int]]]  # networks before a statement
LOOPS = (ast.For, ast.While)
MOST_COMPARED = 3  # networks


@dataclass
class Bindings(Builders):
    """Adds to what enters a text what its names stand for after each statement."""

    skipped: dict[int, None] = field(default_factory=dict)  # lines, in order

    def note_names(self, node: ast.stmt, before: Mapping[str, Any], scope: Scope) -> None:
        """Remembers the networks that a statement has given names, and what else its names stand for now.

        Args: `before` are the names that it gives a value, with what they stood for.
        """
        for name, old in before.items():
            self._note_name(node, name, old, scope)
        for name in dict.fromkeys([*before, *changed_names(node, scope)]):
            self._note_items(name, value_of(name, scope), node.lineno)
        if isinstance(node, ast.Delete) and scope is self.evaluator.globals:
            for name in [one.id for one in node.targets if isinstance(one, ast.Name)]:
                for one in self._called(name):
                    one.is_deleted = not self._has_another_name(one)

    def sizes(self, node: ast.stmt, scope: Scope) -> Sizes:
        """How large networks are that a call or loop names, and the last ones; of no call that says it changes them."""
        if is_change(node) and not isinstance(node, LOOPS):
            return []
        named = [one for name in names_in(node) if isinstance(one := scope.find(name), nn.Module)][:MOST_COMPARED]
        last = [one.value for one in self.built[-MOST_COMPARED:] if isinstance(one.value, nn.Module)]
        return [(one, trained_size(one)) for one in {id(one): one for one in (*named, *last)}.values()]

    def is_half_done(self, sizes: Sizes, node: ast.stmt) -> bool:
        """Whether a loop that cannot be gone through to its end has changed networks before."""
        return isinstance(node, LOOPS) and any(trained_size(one) != size for one, size in sizes)

    def _called(self, name: str, value: Any = None) -> list[Network]:
        """The networks of a name that still have it, or the one of them that is a value."""
        held = [one for one in self.built if one.name == name and not one.renamed_at]
        return [one for one in held if value is None or one.value is value]

    def _has_another_name(self, network: Network) -> bool:
        """Whether an outer name stands for a network that has lost the one it had, which is its name from now on."""
        names = self.evaluator.globals.names.items()
        network.name = next((name for name, value in names if value is network.value), network.name)
        return self.evaluator.globals.names.get(network.name) is network.value

    def _note_name(self, node: ast.stmt, name: str, old: Any, scope: Scope) -> None:
        new = value_of(name, scope)
        if isinstance(node, ast.For) and new is not old and is_part(new, self.built):  # on the way to a part
            return
        if isinstance(new, Unknown) and is_network(old):
            if new.error is None and not (isinstance(node, ast.Assign) and self.concerns(node.value, scope)):
                scope.names[name] = old  # something unknown was done with it
                self.skipped[node.lineno] = None
        elif is_output(new):
            if not MEASURE.search(name.lower()):
                self.output = name, new, node.lineno
        elif is_network(new):
            self._name_network(node, name, old, new)
        elif isinstance(new, Instance):
            self._remember_parts(name, new, node.lineno)
        elif isinstance(new, Unknown) and not (new.is_described or isinstance(node, (ast.Import, ast.ImportFrom))):
            self.pass_over(node, scope)

    def _name_network(self, node: ast.stmt, name: str, old: Any, new: Any) -> None:
        """A network that has got a name; where that stood for another one, the text goes back to a network it has."""
        for other in self._called(name, old) if new is not old else ():
            if not self._has_another_name(other):
                other.renamed_at = node.lineno
        known = self.network_of(new)
        if known is None:
            self._remember(name, new, node.lineno)
        elif isinstance(node, ast.For):
            known.name = known.name or name
        else:
            known.name, known.is_deleted, known.renamed_at = name, False, 0
            if new is not old:
                self.choose(new, node.lineno)

    def _note_items(self, name: str, container: Any, line: int) -> None:
        """The networks that a dictionary or list holds: `nets["small"] = Net(8)`, `nets.append(Model(...))`."""
        items = container.items() if isinstance(container, dict) else enumerate(container) if _is_row(container) else ()
        for key, value in [one for one in items if is_network(one[1]) and is_whole(one[1]) and has_weights(one[1])]:
            known = self.network_of(value)
            if known is None and (isinstance(container, dict) or self._is_complete(value)):
                self._remember(f"{name}[{key!r}]", value, line)
            elif known is not None and known.line == line:  # a name of the last turn, whose item comes after the others
                self.built.remove(known)
                self.built.append(known)

    def _is_complete(self, value: Any) -> bool:
        """Whether an item of a list is surely a network and no block: one of Keras, or one made of a named network."""
        parts = {id(part) for part in list(value.modules())[1:]} if isinstance(value, nn.Module) else set()
        return isinstance(value, KerasNetwork) or any(id(one.value) in parts for one in self.built if one.name)

    def choose(self, value: Any, line: int) -> None:
        """A line goes back to a network that was built before others."""
        known = self.network_of(value)
        if known is not None and known is not self.built[-1]:
            self.built.remove(known)
            self.built.append(known)
            known.line, known.is_chosen = line, True

    def pass_over(self, node: ast.stmt, scope: Scope) -> None:
        """A statement of which nothing is built. Raises: MisspeltNameError if it calls what almost builds layers."""
        self.skipped[node.lineno] = None
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) or self.evaluator.star_imports:
            return
        for part in all_nodes(node):
            match part:
                case ast.Call(func=ast.Name(id=name)) if scope.find(name) is MISSING:
                    self.evaluator.budget.step(part, COST_OF_COMPARING)
                    near = nearest(name, scope.visible(), lambda one: self.builds(ast.Name(one), scope))
                    if near:
                        raise MisspeltNameError(name, near, part.lineno)


def _is_row(container: Any) -> bool:
    return isinstance(container, (list, tuple)) and not isinstance(container, Array)


def value_of(name: str, scope: Scope) -> Any:
    """What a name stands for where it is given a value, which may be outside of a function that says so."""
    return scope.elsewhere.get(name, scope).names.get(name)
