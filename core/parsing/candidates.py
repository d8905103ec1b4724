"""Which networks a text offers: those that it builds, or else those of functions and classes that it only defines."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from torch import nn

from core.errors import MissingShapeError, ParseError
from core.parsing.definitions import in_a_row, is_keras_layer, mentioned, needs_nothing, returns
from core.parsing.evaluation.budget import is_too_large
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Class, Function, Instance, Unknown
from core.parsing.functional_networks import functional_networks, holds_only_parts
from core.parsing.larger_networks import larger_networks, unbuilt_classes
from core.parsing.listed_networks import networks_in_lists, networks_in_tables
from core.parsing.matching_widths import with_matching_widths
from core.parsing.network_values import (
    CLEAR,
    ENDING,
    as_refusal,
    constructor,
    has_layers,
    has_weights,
    is_list,
    is_network,
    is_of_data,
    is_whole,
    of_symbols,
    says_what_it_computes,
)
from core.parsing.networks import (
    Network,
    arguments_first,
    built_by,
    built_in_passing,
    heads_behind,
    in_order,
    is_named_later,
    measured_network,
    note_parts,
    or_its_parts,
    parts_first,
    reaches_network,
    trains_network,
    unshared,
)
from core.parsing.open_arguments import OpenArguments, of_class
from core.parsing.trial import runs
from core.parsing.unread_parts import lacks_parts, unread_whole


@dataclass
class Candidates:
    """The networks that a text has built so far, and how to find others in what it defines."""

    evaluator: Evaluator
    built: list[Network] = field(default_factory=list)
    inside: dict[int, tuple[nn.Module, int]] = field(default_factory=dict)  # parts, lines of wholes
    loose: list[Any] = field(default_factory=list)  # layers that stand alone, one a statement
    reasons: list[ParseError] = field(default_factory=list)  # why classes and functions could not be built
    output: tuple[str, Any, int] | None = None  # the last output of a Keras layer that got a name
    needs_layers: bool = True  # whether a class that makes no layer is no network
    lacks_base: bool = False  # whether a function returns a network whose class inherits from something unknown
    failures: list[ParseError] = field(default_factory=list)  # why statements about layers failed
    used: list[ast.stmt] = field(default_factory=list)  # statements that the networks are made by
    tree: ast.Module = field(default_factory=lambda: ast.Module([], []))
    functional: list[Network] | None = None  # networks that are functions of layers of the text, once looked for
    failed_line: int = 0  # of the last statement that builds layers and could not be evaluated

    def enter(self, function: Function, values: dict[str, Any] | None = None) -> Any:
        """The body of a function, statement by statement; what it returns, if a network."""
        raise NotImplementedError

    def builds_layers(self, function: Function) -> bool:
        """Whether a function of the text builds layers, itself or by others that it calls."""
        raise NotImplementedError

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
        return [Network(self.output[0], of_symbols(*self.output[1:]), self.output[2])]

    def _offered(self) -> list[Network]:
        """Networks of functions and classes that the text defines and does not use."""
        definitions = {
            name: value
            for name, value in self.evaluator.globals.names.items()
            if (isinstance(value, Function) and value.node.lineno) or (self.evaluator.is_network(value) and value.line)
        }
        used = {name: mentioned(value) - {name} for name, value in definitions.items()}
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
        named = {one.name: one.value for one in parts + networks}
        if unread := unread_whole(self.evaluator.globals.names.values(), named, self.builds_layers):
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
        builders = [f for f in alone if not needs_nothing(f) and returns(f) and self.builds_layers(f)]
        classes = [value for value in definitions.values() if isinstance(value, Class)]
        trials = [f for f in alone if needs_nothing(f) and not returns(f)]  # such as tests, which may use anything
        failed = [] if len(trials) == len([f for f in alone if needs_nothing(f)]) else failed
        users = [name for name, value in definitions.items() if value not in alone]
        outer = [c for c in classes if not any(c.name in used[name] for name in users)]
        networks = [c for c in outer if not c.name.endswith(ENDING)]  # a loss is none, if there are others
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

    def _of_builder(self, function: Function) -> list[Network]:
        """What a function builds with usual values for its arguments."""
        build = partial(self._of_function, function)
        return self._attempted(OpenArguments(self.evaluator, function.name, function), build)

    def _attempted(self, open_ones: OpenArguments, build: Callable[[dict[str, Any]], list[Network]]) -> list[Network]:
        """The first values with which something can be built; without any, the reason is that a value is missing."""
        evaluator = self.evaluator
        before, assumed, sources = list(self.reasons), dict(evaluator.assumed), dict(evaluator.assumed_sources)
        objects = dict(evaluator.built_objects)
        try:
            for values in open_ones.attempts():
                made = build(values)
                if made:
                    self.reasons = before
                    return made
        except ParseError as error:
            self.reasons = [*before, error]
        finally:
            evaluator.built_objects = objects  # those built with such values are not the text's own
        self.reasons = self.reasons[: len(before) + 1]
        first = self.reasons[len(before) :][:1]
        is_clear = any(isinstance(one, MissingShapeError) or any(word in str(one) for word in CLEAR) for one in first)
        if open_ones.fallbacks and not is_clear:
            self.reasons[len(before) :] = [open_ones.refusal(open_ones.fallbacks[0])]
        evaluator.assumed, evaluator.assumed_sources = assumed, sources
        return []

    def _of_functions(self, functions: list[Function]) -> tuple[list[Network], list[ParseError]]:
        """The last function that builds a network, and why others after it do not.

        Others are offered, and called when one is asked for. After one that is too large the first of them is tried;
        one with a part that is not in the text comes after those without.
        """
        before = len(self.reasons)
        waiting, is_forward = functions[::-1], False
        lacking: list[tuple[Function, list[Network]]] = []
        while waiting:
            function = waiting.pop(0)
            made = self._of_function(function)
            if made and lacks_parts(made[-1].value) and not is_forward:
                lacking.append((function, made))
            elif made:
                del self.reasons[before:]
                known = functions if is_forward else functions[: functions.index(function)]
                others = [*known, *(one for one, _ in lacking)]
                return [*(self._postponed(one) for one in others if one is not function and returns(one)), *made], []
            elif not is_forward and len(self.reasons) > before and is_too_large(self.reasons[-1]):
                waiting, is_forward = waiting[::-1], True
        if lacking:
            del self.reasons[before:]
            return [*(self._postponed(one) for one, _ in lacking[:0:-1] if returns(one)), *lacking[0][1]], []
        failed, self.reasons[before:] = self.reasons[before:][::-1], []
        return [], failed

    def _postponed(self, function: Function) -> Network:
        def build() -> Any:
            made = self._of_function(function)
            if not made:
                raise self.reasons[-1] if self.reasons else ParseError(f"{function.name} builds no network.")
            return made[-1].value

        return Network(function.name, None, function.node.lineno, build)

    def _of_function(self, function: Function, values: dict[str, Any] | None = None) -> list[Network]:
        before, used, output, module = list(self.built), list(self.used), self.output, None
        self.evaluator.run.new_budget()
        self.built, self.failed_line, self.output = [], 0, None
        try:
            module = self.enter(function, values)
            if self.evaluator.is_network(module):
                return self._of_returned(function, module, values or {})
            module = of_symbols(module, function.node.lineno)
            if is_of_data(module) and not self.built and not self.failed_line and self.output is not None:
                module = of_symbols(*self.output[1:])  # what it returns only says how to train it
            if is_network(module):
                self._remember(function.name, module, function.node.lineno)
            elif self.built and self.failed_line > self.built[-1].line:  # a part of what the function builds
                raise self.failures[-1]
            elif isinstance(module, Unknown) and (init := constructor(module.cls)) and self.builds_layers(init):
                self.lacks_base = True
                raise module.refusal()
            elif isinstance(module, Unknown) and reaches_network(self.evaluator, function):
                self.reasons.append(module.refusal())
        except MISFITS as error:
            self.reasons.append(as_refusal(error, function.node.lineno))
            self.built = []  # what was begun is not what the function builds
        made = [one for one in parts_first(self.built) if is_whole(one.value)]
        made = [one for one in made if one.value is module] or made[-1:]
        self.built, self.used, self.output = before, used, output
        return [built_by(function, one, self.evaluator.globals.names) for one in made]

    def _of_returned(self, function: Function, cls: Class, values: dict[str, Any]) -> list[Network]:
        """A network of the class that a function returns."""
        given = ", ".join(f"{name}={value!r}" for name, value in values.items())
        networks = self._of_class(cls)
        for network in networks:
            taken = ", ".join(f"{name}={value!r}" for name, value in network.value.made_with.items())
            network.name, network.text = function.name, f"{function.name}({given})({taken})"
        return networks

    def _of_class(self, cls: Class) -> list[Network]:
        if (built := built_in_passing(self.evaluator, cls)) is not None:
            return [built]
        if (open_ones := of_class(self.evaluator, cls)) is None:
            return self._instance(cls, {}, None)
        build = partial(self._instance, cls, node=open_ones.function.node)
        return self._attempted(open_ones, partial(with_matching_widths, self.evaluator, build))

    def _instance(self, cls: Class, values: dict[str, Any], node: ast.AST | None) -> list[Network]:
        self.evaluator.run.new_budget()
        try:
            module = self.evaluator.instantiate(cls, [], values, node)
        except MISFITS as error:
            self.reasons.append(as_refusal(error, cls.line))
            return []
        is_own = isinstance(module, EvaluatedModule) and (has_layers(module) or not self.needs_layers)
        parts = module.values.values() if isinstance(module, EvaluatedModule) else ()
        self.reasons += [part.refusal() for part in parts if isinstance(part, Unknown) and not part.name][:1]
        return or_its_parts(Network(cls.name, module, cls.line)) if is_own or isinstance(module, Instance) else []

    def network_of(self, value: Any) -> Network | None:
        """The network that the text has built as this value."""
        return next((one for one in self.built if one.value is value), None)

    def _remember(self, name: str, module: Any, line: int) -> None:
        if type(module).__name__.endswith(ENDING):
            return
        if known := self.network_of(module):
            known.name = name or known.name
            return
        named = self.inside[id(module)][1] if id(module) in self.inside else line
        self.built.append(Network(name, module, line, is_taken_out=named < line))
        note_parts(module, line, self.inside)
