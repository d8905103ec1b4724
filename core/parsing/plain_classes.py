"""Classes of a text that are no networks, whose objects keep some or whose methods build them: `LeNet.build(...)`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.parsing.candidates import Candidates
from core.parsing.definitions import in_a_row, mentioned, receiver, returns
from core.parsing.evaluation.values import Class, Function, Instance
from core.parsing.network_values import ENDING, has_weights, is_network, is_whole, kept_outputs
from core.parsing.networks import Network
from core.parsing.open_arguments import OpenArguments, of_class


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
        """Those that objects of the classes keep which call those functions, if they call all of them."""
        values = self.evaluator.globals.names.values()
        plain = [one for one in values if isinstance(one, Class) and one.base is None and one.line]
        inits = [one.find("__init__") for one in plain]
        called = set().union(*(mentioned(one) for one in inits if isinstance(one, Function)))
        if not functions or not {one.name for one in functions} <= called:
            return []
        names, reasons = {one.name for one in plain}, list(self.reasons)
        wholes = [one for one in self.of_plain_classes() if one.name.partition(".")[0] in names]
        self.reasons = self.reasons if wholes else reasons
        return wholes

    def _of_plain_class(self, cls: Class) -> list[Network]:
        """Those of the last object that the text builds of a class, or else of one with usual values."""
        built = self.evaluator.built_objects.get(cls)
        networks = self._of_object(cls, built.value) if built is not None else []
        return [replace(one, owner=built) for one in networks] or self._of_fresh_object(cls)

    def _of_fresh_object(self, cls: Class) -> list[Network]:
        """The same of an object with usual values, of which nothing is said where it has no networks."""
        assumed, sources = dict(self.evaluator.assumed), dict(self.evaluator.assumed_sources)
        networks = self._of_object(cls, self._plain_instance(cls))
        if not networks:
            self.evaluator.assumed, self.evaluator.assumed_sources = assumed, sources
        return networks

    def _of_object(self, cls: Class, made: Instance | None) -> list[Network]:
        """The networks that an object of a class keeps, or else those that its methods build."""
        if made is not None and (networks := self._kept(cls, made)):
            return networks
        methods = [one for one in cls.names.values() if isinstance(one, Function) and one.name != "__init__"]
        builders = [one for one in methods if returns(one) and self.builds_layers(one)]
        return [network for one in builders for network in self._of_method(cls, one, made)]

    def _kept_by_built(self, cls: Class) -> list[Network]:
        """What the last object keeps that the text builds of a class, except for what measures how good it is."""
        built = self.evaluator.built_objects.get(cls)
        networks = self._kept(cls, built.value) if built is not None else []
        meant = [one for one in networks if has_weights(one.value) and not type(one.value).__name__.endswith(ENDING)]
        return [replace(one, owner=built) for one in meant]

    def _kept(self, cls: Class, made: Instance) -> list[Network]:
        """The networks that an object keeps, layers with weights among them, or the one whose outputs it keeps."""
        kept = [(name, one) for name, one in made.names.items() if is_network(one)]
        if not kept and (whole := kept_outputs(made)) is not None:
            return [Network(cls.name, whole, cls.line)]
        named = [(name, one) for name, one in kept if is_whole(one) or has_weights(one)]
        return [Network(f"{cls.name}.{name}", one, cls.line) for name, one in named]

    def _of_method(self, cls: Class, method: Function, made: Instance | None) -> list[Network]:
        first = "" if method.kind == "staticmethod" else receiver(method)
        fixed = {first: cls if method.kind == "classmethod" else made} if first else {}
        if first and fixed[first] is None:
            return []
        open_ones = OpenArguments(self.evaluator, f"{cls.name}.{method.name}", method, (), first)
        networks = self._attempted(open_ones, lambda values: self._of_function(method, values | fixed))
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
