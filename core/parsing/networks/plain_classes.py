"""Classes of a text that are no networks, whose objects keep some or whose methods build them: `LeNet.build(...)`."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Any

from core.parsing.definitions import in_a_row, mentioned, own_methods, receiver, returns, set_later, takes_no_object
from core.parsing.evaluation.values import Class, Function, Instance, Unknown
from core.parsing.network_values import (
    ENDING,
    has_weights,
    is_empty,
    is_network,
    is_unnamed_output,
    is_whole,
    kept_outputs,
    says_what_it_computes,
)
from core.parsing.networks.candidates import Candidates
from core.parsing.networks.offered_networks import Network
from core.parsing.open_values.open_arguments import OpenArguments, of_class


@dataclass
class PlainClasses(Candidates):
    """Adds such classes to what finds the networks of a text."""

    def of_plain_classes(self, built_only: bool = False) -> list[Network]:
        """Those of all such classes, what the text itself builds last; single layers only where nothing else is."""
        values = self.evaluator.globals.names.values()
        classes = [value for value in values if isinstance(value, Class) and value.base is None and value.line]
        find = self._kept_by_built if built_only else self._of_plain_class
        networks = [network for one in classes for network in find(one)]
        whole = [network for network in networks if is_whole(network.value)]
        for one in networks if not whole else ():
            one.value = in_a_row(self.evaluator, [one.value])
        return sorted(whole or networks, key=lambda one: one.owner is not None)

    def of_users(self, functions: list[Function]) -> list[Network]:
        """Those that objects of the classes keep which call those functions, all of them that do not come later."""
        values = self.evaluator.globals.names.values()
        plain = [one for one in values if isinstance(one, Class) and one.base is None and one.line]
        inits = [one.find("__init__") for one in plain]
        called = set().union(*(mentioned(one) for one in inits if isinstance(one, Function)))
        builders = [one for one in functions if self.builds_layers(one)]
        others = [one.node.lineno for one in builders if one.name not in called]
        if len(others) == len(builders) or max(others, default=0) > max(one.line for one in plain):
            return []
        names, reasons = {one.name for one in plain}, list(self.reasons)
        wholes = [one for one in self.of_plain_classes() if one.name.partition(".")[0] in names]
        self.reasons = self.reasons if wholes else reasons
        return wholes

    def _instance(self, cls: Class, values: dict[str, Any], node: ast.AST | None) -> list[Network]:
        """The network that an object is, or what its methods build where a Model of Keras says not what it computes."""
        made = super()._instance(cls, values, node)
        one = made[0].value if len(made) == 1 and cls.base is not None else None
        is_silent = isinstance(one, Instance) and one.cls is cls and not says_what_it_computes(one)
        return (self._of_object(cls, one) if is_silent else []) or made

    def _of_plain_class(self, cls: Class) -> list[Network]:
        """Those of the last object that the text builds of a class, or else of one with usual values."""
        built = self.evaluator.built_objects.get(cls)
        networks = self._of_object(cls, built.value) if built is not None else []
        return [replace(one, owner=built) for one in networks] or self._of_fresh_object(cls)

    def _of_fresh_object(self, cls: Class) -> list[Network]:
        """The same of an object with usual values, of which nothing is said where it has no networks."""
        assumed, sources = dict(self.evaluator.assumed), dict(self.evaluator.assumed_sources)
        made = self._plain_instance(cls)
        networks = self._of_object(cls, made)
        if not networks and made is not None and (later := set_later(cls, made, self.builds_layers)):
            self.reasons.clear()
            made.names |= {name: Unknown(f"{name} is None", cls.line, name, path=name) for name in later}
            networks = self._of_object(cls, made)
        if not networks:
            self.evaluator.assumed, self.evaluator.assumed_sources = assumed, sources
        return networks

    def _of_object(self, cls: Class, made: Instance | None) -> list[Network]:
        """The networks that an object of a class keeps, or else those that its methods build."""
        if made is not None and (networks := self._kept(cls, made)):
            return networks
        methods = [one for one in cls.names.values() if isinstance(one, Function) and one.name != "__init__"]
        builders = [one for one in methods if self.builds_layers(one)]
        giving = [one for one in builders if returns(one)]
        found = {one.name: self._of_method(cls, one, made) for one in giving}
        if not any(found.values()) and cls.unknown_base() is None:  # such as a `train` that makes what it trains
            found |= {one.name: self._of_method(cls, one, made) for one in builders if one not in giving}
        return _wholes_last([(one, found[one.name]) for one in builders if one.name in found])

    def _kept_by_built(self, cls: Class) -> list[Network]:
        """What the last object keeps that the text builds of a class, except for what measures how good it is."""
        built = self.evaluator.built_objects.get(cls)
        networks = self._kept(cls, built.value) if built is not None else []
        meant = [one for one in networks if has_weights(one.value) and not type(one.value).__name__.endswith(ENDING)]
        return [replace(one, owner=built) for one in meant]

    def _kept(self, cls: Class, made: Instance) -> list[Network]:
        """The networks that an object keeps, layers with weights among them, or the one whose outputs it keeps."""
        kept = [(name, one) for name, one in (cls.names | made.names).items() if is_network(one) and not is_empty(one)]
        if not kept and (whole := kept_outputs(made)) is not None:
            return [Network(cls.name, whole, cls.line)]
        named = [(name, one) for name, one in kept if is_whole(one) or has_weights(one)]
        return [Network(f"{cls.name}.{name}", one, cls.line) for name, one in named]

    def _of_method(self, cls: Class, method: Function, made: Instance | None) -> list[Network]:
        first = "" if method.kind == "staticmethod" or takes_no_object(method) else receiver(method)
        fixed = {first: cls if method.kind == "classmethod" else made} if first else {}
        if first and fixed[first] is None:
            return []
        methods = [one.node for one in cls.names.values() if isinstance(one, Function) and one is not method]
        open_ones = OpenArguments(self.evaluator, f"{cls.name}.{method.name}", method, methods, first)

        def build(values: dict[str, Any]) -> list[Network]:
            made_here = self._of_function(method, values | fixed)
            return made_here or (self._kept(cls, made) if made is not None and not returns(method) else [])

        networks = self._attempted(open_ones, build)
        for network in networks:
            network.name = f"{cls.name}.{method.name}"
        return networks

    def _plain_instance(self, cls: Class) -> Instance | None:
        """An object of a class that is no network, with usual values for its arguments; None where none can be made."""
        open_ones = of_class(self.evaluator, cls)
        if open_ones is None:
            return Instance(cls)
        made: list[Network] = self._attempted(
            open_ones, lambda values: self._instance(cls, values, open_ones.function.node)
        )
        return made[0].value if made and isinstance(made[0].value, Instance) else None


def _wholes_last(found: list[tuple[Function, list[Network]]]) -> list[Network]:
    """What the methods of an object build, that of methods which others call before theirs.

    Where the one that calls them cannot be read, what they give back in the middle of it is no network.
    """
    calling = {method.name: own_methods(method) for method, _ in found}
    read = {method.name for method, networks in found if networks}
    parts = {name for one in calling for name in calling[one]}
    lost = {name for one in calling if one not in read for name in calling[one]}
    kept = [
        (method.name, network)
        for method, networks in found
        for network in networks
        if not (method.name in lost and is_unnamed_output(network.value))
    ]
    return [network for name, network in sorted(kept, key=lambda one: one[0] not in parts)]
