"""What one function or class of a text builds, called with its own values or with usual ones for what is open."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from torch import nn

from core.errors import MissingShapeError, ParseError
from core.parsing.definitions import returns
from core.parsing.evaluation.budget import is_too_large
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Class, Function, Instance, Unknown
from core.parsing.network_values import (
    CLEAR,
    ENDING,
    as_refusal,
    constructor,
    grown,
    has_layers,
    is_network,
    is_of_data,
    is_whole,
    of_symbols,
)
from core.parsing.networks.matching_widths import with_matching_widths
from core.parsing.networks.offered_networks import (
    Network,
    built_by,
    built_in_passing,
    note_parts,
    or_its_parts,
    parts_first,
    reaches_network,
)
from core.parsing.networks.unread_parts import lacks_parts
from core.parsing.open_values.open_arguments import OpenArguments, of_class


@dataclass
class BuiltNetworks:
    """The networks that a text has built so far, and what its functions and classes build."""

    evaluator: Evaluator
    built: list[Network] = field(default_factory=list)
    inside: dict[int, tuple[nn.Module, int]] = field(default_factory=dict)  # parts, lines of wholes
    reasons: list[ParseError] = field(default_factory=list)  # why classes and functions could not be built
    output: tuple[str, Any, int] | None = None  # the last output of a Keras layer that got a name
    needs_layers: bool = True  # whether a class that makes no layer is no network
    lacks_base: bool = False  # whether a function returns a network whose class inherits from something unknown
    failures: list[ParseError] = field(default_factory=list)  # why statements about layers failed
    used: list[ast.stmt] = field(default_factory=list)  # statements that the networks are made by
    failed_line: int = 0  # of the last statement that builds layers and could not be evaluated

    def enter(self, function: Function, values: dict[str, Any] | None = None) -> Any:
        """The body of a function, statement by statement; what it returns, if a network."""
        raise NotImplementedError

    def builds_layers(self, function: Function) -> bool:
        """Whether a function of the text builds layers, itself or by others that it calls."""
        raise NotImplementedError

    def _of_builder(self, function: Function) -> list[Network]:
        """What a function builds with usual values for its arguments."""
        build = partial(self._of_function, function)
        return self._attempted(OpenArguments(self.evaluator, function.name, function), build)

    def _attempted(self, open_ones: OpenArguments, build: Callable[[dict[str, Any]], list[Network]]) -> list[Network]:
        """The first values with which something can be built; without any, the reason is that a value is missing."""
        evaluator = self.evaluator
        before, assumed, sources = list(self.reasons), dict(evaluator.assumed), dict(evaluator.assumed_sources)
        objects, scopes = dict(evaluator.built_objects), evaluator.variable_scopes
        try:
            for values in open_ones.attempts():
                evaluator.variable_scopes = scopes and scopes.to_try()
                made = build(values)
                if made:
                    self.reasons = before
                    self._forget(open_ones, values, assumed)
                    return made
        except ParseError as error:
            self.reasons = [*before, error]
        finally:
            # Those built with such values are not the text's own.
            evaluator.built_objects, evaluator.variable_scopes = objects, scopes
        self.reasons = self.reasons[: len(before) + 1]
        first = self.reasons[len(before) :][:1]
        is_clear = any(isinstance(one, MissingShapeError) or any(word in str(one) for word in CLEAR) for one in first)
        if open_ones.fallbacks and not is_clear:
            self.reasons[len(before) :] = [open_ones.refusal(open_ones.fallbacks[0])]
        evaluator.assumed, evaluator.assumed_sources = assumed, sources
        return []

    def _forget(self, open_ones: OpenArguments, values: Mapping[str, Any], before: Mapping[str, Any]) -> None:
        """Drops what was assumed for arguments in attempts that failed, and is not taken in the one that succeeds."""
        arguments = {one.arg for one in ast.walk(open_ones.function.node.args) if isinstance(one, ast.arg)}
        for name in arguments - set(values) - set(before):
            self.evaluator.assumed.pop(name, None)

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
            module = of_symbols(grown(values) if module is None else module, function.node.lineno)
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
