"""A network that a text offers, and which of several comes before the others."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from core.parsing.clean.syntax import all_nodes
from core.parsing.definitions import mentioned, returns
from core.parsing.dialects.keras.applications import Application
from core.parsing.dialects.keras.networks import KerasNetwork
from core.parsing.dialects.keras.sequential import KerasSequential
from core.parsing.dialects.keras.subclasses import instance_network
from core.parsing.dialects.keras.trained import all_parts
from core.parsing.dialects.pytorch.presets import size_of
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.forward_inputs import needed_inputs
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.text_classes.building import BuiltObject
from core.parsing.evaluation.values import Class, Function, Instance
from core.parsing.network_values import (
    constructor,
    has_weights,
    is_frozen_copy,
    is_network,
    is_whole,
    names_in,
    of_symbols,
    says_what_it_computes,
)

LABELS = re.compile(r"labels?|targets?|gts?|y_?true|ground_?truth", re.IGNORECASE)

ANSWERS = ("predict", "predict_classes", "predict_generator", "predict_on_batch", "predict_proba")


@dataclass
class Network:
    """One network of a text, under the name that it has there: a module, or what a dialect makes one of."""

    name: str
    value: Any
    line: int
    build: Callable[[], Any] | None = None  # gives the value, where that is still to be made
    text: str = ""  # the expression that makes it, where that is not the name with assumed arguments
    is_taken_out: bool = False  # whether it was a part of another one when it got its name
    is_chosen: bool = False  # whether a later line gives it a name again: `net = small`
    is_deleted: bool = False  # whether the text takes away its last name
    renamed_at: int = 0  # the line that gives its last name to another network
    owner: BuiltObject | None = None  # that keeps it, where the text builds that in passing

    def module(self, evaluator: Evaluator) -> nn.Module:
        """The module of PyTorch. Raises: ParseError where it cannot be built."""
        value = instance_network(evaluator, self.value) if isinstance(self.value, Instance) else self.value
        return value.whole_module(evaluator) if isinstance(value, KerasNetwork) else value


def measured_network(evaluator: Evaluator) -> list[Network]:
    """What a loss was last taken of, where nothing but the loss gets a name."""
    return [Network("", of_symbols(symbol, 1), 1) for symbol in evaluator.measured[-1:]]


def built_in_passing(evaluator: Evaluator, cls: Class) -> Network | None:
    """The last object of a class that the text builds without a name, as in `print(Net(10)(x).shape)`."""
    made = next((one for one in reversed(evaluator.built_in_passing) if one[0].definition is cls), None)
    return Network(cls.name, made[0], cls.line, text=made[1]) if made is not None else None


def built_by(function: Function, network: Network, known: Mapping[str, Any]) -> Network:
    """What a function builds, under its name; where it returns nothing, such as a test, under that of what it calls."""
    for part in () if returns(function) else all_nodes(function.node):
        match part:
            case ast.Assign(value=ast.Call(func=ast.Name(id=name)) as call) if part.lineno == network.line:
                if names_in(call) <= set(known):
                    return Network(name, network.value, function.node.lineno, text=ast.unparse(call))
    return Network(function.name, network.value, function.node.lineno)


def in_order(evaluator: Evaluator, networks: list[Network]) -> list[Network]:
    """Networks in order, the one that is meant last.

    Before it are ready-made ones that the text leaves as they are, which it only compares with, first those without a
    name, those that it deletes, and those that it only keeps beside what it trains.
    """

    def rank(one: Network) -> tuple[bool, bool, bool, bool]:
        is_own = one.is_chosen or not is_untouched(evaluator, one.value)
        is_trained = one.is_chosen or not any(is_frozen_copy(one.value, other.value) for other in networks)
        return not one.is_deleted, is_own, is_own or bool(one.name), is_trained

    return sorted(networks, key=rank)


def parts_first(networks: list[Network]) -> list[Network]:
    """Networks that are parts of another one before the one that they are in.

    They are where the text has put them there, such as a new head or what is added to a Sequential that was begun
    before it, and where they are of a class that another one is made of: a page builds a block alone to show what it
    does.
    """
    inside: dict[int, tuple[nn.Module, int]] = {}
    for one in networks:
        note_parts(one.value, one.line, inside)
    named = {id(one.value) for one in networks}
    kinds = {id(one.value): _kinds_inside(one.value, named) for one in networks}
    rows = [one for one in networks if isinstance(one.value, KerasSequential)]

    def is_meant(one: Network) -> bool:
        own = getattr(one.value, "definition", None)
        is_block = own is not None and any(
            own in kinds[id(other.value)] and getattr(other.value, "definition", None) not in kinds[id(one.value)]
            for other in networks
            if getattr(other.value, "definition", own) is not own
        )
        is_inside = is_part(one.value, rows) or (id(one.value) in inside and not one.is_taken_out)
        return one.is_chosen or not (is_inside or is_block)

    return sorted(networks, key=lambda one: (not one.renamed_at, is_meant(one)))


def _kinds_inside(value: Any, named: set[int]) -> set[Class]:
    """The classes of the text that parts of a network are of, those left out that have a name of their own."""
    kinds, waiting = set(), [value] if isinstance(value, nn.Module) else []
    seen = {id(value)}
    while waiting:
        parts = [one for one in waiting.pop()._modules.values() if one is not None and id(one) not in seen | named]
        seen |= {id(one) for one in parts}
        kinds |= {one.definition for one in parts if isinstance(one, EvaluatedModule)}
        waiting += parts
    return kinds


def or_its_parts(network: Network) -> list[Network]:
    """The network itself, or those that it keeps if it says not what it computes, such as the encoder of a VAE."""
    owner, kept = network.value, []
    if isinstance(owner, Instance) and owner.cls.base is not None and not says_what_it_computes(owner):
        kept = [(key, one) for key, one in owner.names.items() if is_network(one) and is_whole(one)]
    return [Network(f"{network.name}.{key}".strip("."), one, network.line) for key, one in kept] or [network]


def heads_behind(whole: list[Network], ends: list[Network]) -> list[Network]:
    """What is computed behind networks of `keras.applications`, where a text makes no `Model` of it."""
    are_ready = all(isinstance(one.value, Application) for one in whole)
    return [one for one in ends if are_ready and one.line > whole[-1].line]


def note_parts(whole: Any, line: int, inside: dict[int, tuple[nn.Module, int]]) -> None:
    """Adds the layers inside of a network, each looked into once however many networks share it."""
    waiting = [whole] if isinstance(whole, nn.Module) else []
    while waiting:
        for part in waiting.pop()._modules.values():
            if part is not None and id(part) not in inside:
                inside[id(part)] = part, line
                waiting.append(part)


def arguments_first(evaluator: Evaluator, networks: list[Network]) -> list[Network]:
    """Networks that others take as arguments before those, in the order of the text otherwise."""
    inits = [constructor(evaluator.globals.names.get(one.name)) for one in networks]
    sources = [evaluator.assumed_sources.get(one.node, {}) for one in inits if one is not None]
    taken = {word for one in sources for text in one.values() for word in re.findall(r"\w+", text)}
    return sorted(networks, key=lambda one: (not is_begun(one.value), not is_loss(one.value), one.name not in taken))


def is_begun(value: Any) -> bool:
    """Whether only the beginning of a class is shown: it makes layers, and no method says what they do."""
    if not isinstance(value, EvaluatedModule) or value.base_class is not nn.Module:
        return False
    members = [member for one in value.definition.lineage() for member in one.names.items()]
    return all(name == "__init__" for name, member in members if isinstance(member, Function))


def is_loss(value: Any) -> bool:
    """Whether a network without layers is given the labels too, such as a head with margins for faces."""
    method = value.definition.find("forward") if isinstance(value, EvaluatedModule) else None
    has_parts = not isinstance(value, EvaluatedModule) or any(True for _ in value.children())
    return not has_parts and isinstance(method, Function) and any(map(LABELS.fullmatch, needed_inputs(method)[1:]))


def is_untouched(evaluator: Evaluator, value: Any) -> bool:
    """Whether a network is a ready-made one that the text leaves as it is."""
    parameters = evaluator.preset_sizes.get(id(value))
    return parameters is not None and parameters == size_of(value)


def is_named_later(built: list[Network]) -> bool:
    """Whether a layer with weights gets a name after all those that get none, such as one that a page only mentions."""
    named = [one.line for one in built if one.name and has_weights(one.value)]
    nameless = [one.line for one in built if not one.name]
    return bool(named) and bool(nameless) and named[-1] > nameless[-1]


def trains_network(function: Function) -> bool:
    """Whether a function trains what it builds."""
    calls = (part.func for part in all_nodes(function.node) if isinstance(part, ast.Call))
    return any(isinstance(one, ast.Attribute) and one.attr in ("backward", "zero_grad") for one in calls)


def asks_network(value: Any) -> bool:
    """Whether it is a function that asks a network of Keras for its answers, which makes that no part of it."""
    parts = all_nodes(value.node) if isinstance(value, Function) else ()
    calls = (part.func for part in parts if isinstance(part, ast.Call))
    return any(isinstance(one, ast.Attribute) and one.attr in ANSWERS for one in calls)


def reaches_network(evaluator: Evaluator, function: Function) -> bool:
    """Whether a function, or one that it calls, names a class of the text that is a layer or network."""
    known, waiting = set(), [function.name]
    while waiting:
        value = evaluator.globals.names.get(waiting.pop())
        if evaluator.is_network(value):
            return True
        if isinstance(value, Function) and value.name not in known:
            known.add(value.name)
            waiting += mentioned(value)
    return False


def is_part(value: Any, networks: list[Network]) -> bool:
    """Whether a layer stands inside of one of some networks."""
    wholes = [one.value for one in networks if one.value is not value]
    if isinstance(value, nn.Module):
        return any(value is part for whole in wholes if isinstance(whole, nn.Module) for part in whole.modules())
    is_of_keras = isinstance(value, (Instance, KerasNetwork))
    return is_of_keras and any(value is part for whole in wholes for part in all_parts(whole))


def unshared(evaluator: Evaluator, alone: list[Network], has_failed: bool) -> list[Network]:
    """Single layers that are not parts which the classes of the text share, such as an activation in a constant."""
    classes = [one for one in evaluator.globals.names.values() if evaluator.is_network(one) and one.line]
    used = {name for one in classes for name in mentioned(one)}
    lacks_others = bool(classes) or has_failed  # then a layer without weights is not all that is meant
    return [one for one in alone if not lacks_others or (has_weights(one.value) and one.name not in used)]
