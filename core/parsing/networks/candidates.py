"""Which networks a text offers: those that it builds, or else those of functions and classes that it only defines."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import Any

from core.errors import ParseError
from core.parsing.definitions import (
    adds_to_argument,
    in_a_row,
    is_keras_layer,
    needs_nothing,
    returns,
    uses,
)
from core.parsing.evaluation.values import Class, Function
from core.parsing.inputs.trial import runs
from core.parsing.network_values import (
    ENDING,
    has_weights,
    is_list,
    is_whole,
    of_symbols,
    says_what_it_computes,
)
from core.parsing.networks.built_networks import BuiltNetworks
from core.parsing.networks.fetched_outputs import fetched_output
from core.parsing.networks.functional_networks import functional_networks, holds_only_parts
from core.parsing.networks.larger_networks import larger_networks, unbuilt_classes
from core.parsing.networks.listed_networks import networks_in_lists, networks_in_tables
from core.parsing.networks.offered_networks import (
    Network,
    arguments_first,
    asks_network,
    heads_behind,
    in_order,
    is_named_later,
    measured_network,
    or_its_parts,
    parts_first,
    reaches_network,
    trains_network,
    unshared,
)
from core.parsing.networks.unread_parts import unread_whole


@dataclass
class Candidates(BuiltNetworks):
    """The networks that a text has built so far, and how to find others in what it defines."""

    loose: list[Any] = field(default_factory=list)  # layers that stand alone, one a statement
    tree: ast.Module = field(default_factory=lambda: ast.Module([], []))
    functional: list[Network] | None = None  # networks that are functions of layers of the text, once looked for

    def of_plain_classes(self, built_only: bool = False) -> list[Network]:
        """Networks of objects of classes which are none themselves; only those kept by what the text itself builds."""
        raise NotImplementedError

    def of_users(self, functions: list[Function]) -> list[Network]:
        """Those that objects keep of classes which call all of those functions for them."""
        raise NotImplementedError

    def networks(self) -> list[Network]:
        """All networks of the text, in order; the last one is meant."""
        whole = [network for network in self.built if is_whole(network.value)]
        if holds_only_parts(self.evaluator.globals.names, whole) and not self.loose and (made := self._of_functional()):
            return made
        if whole:  # such as a GAN that only trains the networks that it is made of
            named = [one for one in whole if says_what_it_computes(one.value)]
            named = named or [part for one in whole for part in or_its_parts(one)]
            if not any(has_weights(one.value) for one in whole):
                return self._or_classes(whole)
            above, below = larger_networks(self.evaluator, named, self._of_class)
            heads = heads_behind(whole, self._without_model())
            return in_order(self.evaluator, [*above, *parts_first([*named, *below]), *heads])
        if self.loose and not is_named_later(self.built):
            return self._or_classes([Network("", in_a_row(self.evaluator, self.loose), 1)])
        rows = [Network(n.name, in_a_row(self.evaluator, [n.value]), n.line) for n in self.built]
        values = self.evaluator.globals.names.values()
        builds = any(isinstance(one, Function) and self.builds_layers(one) for one in values)
        if alone := unshared(self.evaluator, rows, bool(self.failures) or builds):
            return self._or_classes(alone)
        return self._without_model() or self.of_plain_classes(built_only=True) or self._offered()

    def _of_functional(self) -> list[Network]:
        """Networks that are functions of layers and weights of the text, after the layers that they leave out."""
        if self.functional is None:
            self.functional, classes = functional_networks(self.evaluator, self.tree, self._of_class)
            self.used += classes
        networks = self.functional
        parts = [value for one in networks for value in one.value.modules()]
        rest = [one for one in self.built if networks and one.name and not any(one.value is part for part in parts)]
        rest = [one for one in rest if has_weights(one.value)]
        return [*(replace(one, value=in_a_row(self.evaluator, [one.value])) for one in rest), *networks]

    def _or_classes(self, alone: list[Network]) -> list[Network]:
        """Single layers, and the classes beside them that make layers and are not built: one of those is meant."""
        classes = [one for one in unbuilt_classes(self.evaluator) if self.builds_layers(one.find("__init__"))]
        made = [network for cls in classes for network in self._of_class(cls)]
        return [*alone, *made] if made or not classes else []

    def _without_model(self) -> list[Network]:
        """Keras layers called on each other, whose text ends before it makes a Model of them."""
        if self.output is None or self.output[2] < self.failed_line:
            return [] if self.output else measured_network(self.evaluator)
        last, value, line = self.output
        name = fetched_output(self.tree, names := self.evaluator.globals.names, last)
        return [Network(name, of_symbols(value if name == last else names[name], line), line)]

    def _offered(self) -> list[Network]:
        """Networks of functions and classes that the text defines and does not use."""
        definitions = {
            name: value
            for name, value in self.evaluator.globals.names.items()
            if (isinstance(value, Function) and value.node.lineno) or (self.evaluator.is_network(value) and value.line)
        }
        reasons = list(self.reasons)
        networks = self._of_unused(definitions)
        rest = {name: one for name, one in definitions.items() if not asks_network(one)}
        if networks or self.lacks_base or len(rest) == len(definitions):
            return networks
        failed, self.reasons = self.reasons, reasons
        networks = self._of_unused(rest)
        self.reasons = self.reasons if networks else failed
        return networks

    def _of_unused(self, definitions: dict[str, Any]) -> list[Network]:
        """Networks of those functions and classes that no other uses, or else of those that others use."""
        used = uses(definitions)
        functions = [value for value in definitions.values() if isinstance(value, Function)]
        unused = [name for name in definitions if not any(name in names for names in used.values())]
        has_class = any(isinstance(definitions[name], Class) for name in unused)  # which the functions are parts of
        alone = [f for f in functions if f.name in unused] or ([] if has_class else functions)
        if not has_class and (wholes := self.of_users(alone)):
            return wholes
        networks, failed = self._of_functions([f for f in alone if needs_nothing(f)])
        parts, networks = (networks, []) if has_class and networks and is_list(networks[-1].value) else ([], networks)
        alone = [f for f in alone if f.name not in {network.name for network in parts}]
        networks = networks or self.of_plain_classes(built_only=True)
        if self.lacks_base and not networks:
            self.reasons += failed
            return []
        networks = networks or (
            networks_in_tables(self.evaluator, unused) or self._of_definitions(definitions, alone, used, failed)
        )
        values = {one.name: one.value for one in parts + networks}
        if unread := unread_whole(self.evaluator.globals.names.values(), values, self.builds_layers):
            self.reasons.append(unread)
            return []
        networks = parts + networks or self.of_plain_classes()
        return networks or networks_in_lists(self.evaluator) or self._without_layers(definitions, used)

    def _without_layers(self, definitions: dict[str, Any], used: dict[str, set[str]]) -> list[Network]:
        """Layers of the text that have no weights, such as an activation of its own, where an input goes through."""
        others = set().union(*used.values()) if used else set()
        classes = [
            one for one in definitions.values() if isinstance(one, Class) and isinstance(one.find("forward"), Function)
        ]
        outer = [one for one in classes if one.name not in others and not one.name.endswith(ENDING)]
        if any(isinstance(init := one.find("__init__"), Function) and self.builds_layers(init) for one in outer):
            return []  # which could not be built
        self.needs_layers, reasons = False, list(self.reasons)
        networks = [network for cls in outer for network in self._of_class(cls) if runs(network.value)]
        self.needs_layers, self.reasons = True, reasons
        return networks

    def _of_definitions(
        self, definitions: dict[str, Any], alone: list[Function], used: dict[str, set[str]], failed: list[ParseError]
    ) -> list[Network]:
        gives = [f for f in alone if not needs_nothing(f) and (returns(f) or adds_to_argument(f))]
        builders = [f for f in gives if self.builds_layers(f)]
        classes = [value for value in definitions.values() if isinstance(value, Class)]
        trials = [f for f in alone if needs_nothing(f) and not returns(f)]  # such as tests, which may use anything
        failed = [] if len(trials) == len([f for f in alone if needs_nothing(f)]) else failed
        users = [name for name, value in definitions.items() if value not in alone]
        outer = [c for c in classes if not any(c.name in used[name] for name in users)]
        networks = [c for c in outer if not c.name.endswith(ENDING)]  # a loss is none, if there are others
        if not outer and builders and (made := self._of_classes_and_builders([], builders)):
            return made  # of the classes, each of which is a part of what they build
        found = self._of_classes_and_builders(networks or outer or ([] if failed else classes), builders)
        self.reasons += failed
        return found

    def _of_classes_and_builders(self, classes: list[Class], builders: list[Function]) -> list[Network]:
        """Networks of classes, and of functions whose arguments are open; one layer of Keras is no network yet."""
        parts = [cls for cls in classes if is_keras_layer(cls)]
        whole = [network for cls in classes if cls not in parts for network in self._of_class(cls)]
        whole = arguments_first(self.evaluator, whole)
        reasons = self.reasons
        self.reasons = []
        built = [network for function in builders for network in self._of_builder(function)]
        self.reasons += reasons  # why a class could not be built is said first
        if whole or built:
            joining = {one.name for one in builders if reaches_network(self.evaluator, one) and not trains_network(one)}
            helpers = [network for network in built if network.name not in joining]
            return helpers + whole + [network for network in built if network.name in joining]
        return [network for cls in parts for network in self._of_class(cls)]
