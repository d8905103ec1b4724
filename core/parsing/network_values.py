"""Which values of a text are layers or networks, and what else candidates are told apart by."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from torch import nn

from core.errors import ParseError
from core.parsing.clean.syntax import all_nodes
from core.parsing.dialects.keras.ancestry import ancestors, inputs_of
from core.parsing.dialects.keras.networks import KerasNetwork
from core.parsing.dialects.keras.sequential import KerasSequential
from core.parsing.dialects.keras.subclasses import call_method
from core.parsing.dialects.keras.symbols import KerasTensor, KerasWeight
from core.parsing.dialects.keras.unbuilt import KerasLayer
from core.parsing.evaluation.calls import first_line
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import Class, Function, Instance, Unknown

MEASURE = re.compile(r"loss|cost|err(or)?$|entropy|xent|accura|correct|(^|_)(acc|mse|kl)(_|$)")  # of a network
# words of reasons that hold whatever value an argument has
CLEAR = (
    "is imported", "is not known here", "there is no layer called", "is never made", "needs a value for",
    "has no argument called", "that is known here", "may bring it", "proposes other sizes", "cannot be evaluated here",
)  # fmt: skip
ENDING = ("Loss", "BCE")  # of the names of classes that measure how good a network is
PLACES = ("argmax", "argmin", "equal")  # functions of an output that tell a class, or whether it is right


def as_refusal(error: Exception, line: int) -> ParseError:
    """The error itself, if it is a sentence of ours; else one that begins with a line."""
    if isinstance(error, ParseError):
        return error
    said = first_line(error)
    return ParseError(f"{said}." if said.startswith("Line ") else f"Line {line}: {said}.")


def constructor(definition: Any) -> Function | None:
    """What a call of a class or function of the text runs."""
    found = definition.find("__init__") if isinstance(definition, Class) else definition
    return found if isinstance(found, Function) else None


def names_in(node: ast.AST) -> set[str]:
    return {part.id for part in all_nodes(node) if isinstance(part, ast.Name)}


def holds_layers(value: Any) -> bool:
    """Whether a value is a layer or a list of layers."""
    if isinstance(value, (list, tuple)):
        return any(holds_layers(item) for item in value[:50])
    if isinstance(value, dict):
        return any(holds_layers(item) for item in list(value.values())[:50])
    return isinstance(value, (nn.Module, KerasNetwork, KerasLayer))


def is_network(value: Any) -> bool:
    """Whether a value is a layer or network: a module, or what a dialect makes one of."""
    if isinstance(value, Instance):
        return value.cls.base is not None
    return isinstance(value, (nn.Module, KerasNetwork))


def is_output(value: Any) -> bool:
    """Whether a value is what layers of Keras give, or a list of such, as of each step of a sequence."""
    parts = value if isinstance(value, (list, tuple)) and value else [value]
    return all(
        isinstance(one, KerasTensor) and one.record is not None and one.record.name not in PLACES for one in parts
    )


def is_whole(value: Any) -> bool:
    """Whether it is more than a single layer, or than what prepares images for a network."""
    if isinstance(value, nn.Module):
        return any(value.children()) or isinstance(value, EvaluatedModule)
    return not isinstance(value, KerasLayer) and not (isinstance(value, KerasSequential) and value.only_prepares())


def is_list(value: Any) -> bool:
    """Whether it is a list of layers, such as heads, which computes nothing itself."""
    return isinstance(value, (nn.ModuleList, nn.ModuleDict))


def says_what_it_computes(value: Any) -> bool:
    """Whether an object of a class of Keras's models has a `call`, or was given its inputs and outputs."""
    is_open = isinstance(value, Instance) and not isinstance(call_method(value.cls), Function)
    return not is_open or "functional" in value.names


def is_of_data(value: Any) -> bool:
    """Whether what a function returns is nothing of a network, or only what is measured of one."""
    every = list(value) if isinstance(value, (list, tuple)) else [value]
    return all(isinstance(one, Unknown) for one in every) and (len(every) == 1 or all(one.is_data for one in every))


def of_symbols(value: Any, line: int) -> Any:
    """The network that leads to what a function of Keras's layers returns, beside a loss; any other value itself."""
    every = list(value) if isinstance(value, (list, tuple)) else [value]
    outputs = [one for one in every if not (isinstance(one, Unknown) and one.is_data)]
    outputs = [one for one in outputs if not (isinstance(one, KerasTensor) and one.record is None)]  # but its input
    if not outputs or not all(isinstance(one, KerasTensor) and one.record is not None for one in outputs):
        return value
    inputs = {id(one): one for output in outputs for one in inputs_of(output)}
    return KerasNetwork(list(inputs.values()), outputs, "", line)


def is_empty(value: Any) -> bool:
    """Whether it is a Sequential of Keras that no layer has been added to yet."""
    return isinstance(value, KerasSequential) and not value.items


def grown(values: Mapping[str, Any] | None) -> KerasSequential | None:
    """The Sequential among the arguments of a function that has added layers to it and returns nothing."""
    rows = [one for one in (values or {}).values() if isinstance(one, KerasSequential) and one.items]
    return rows[0] if rows else None


def is_unnamed_output(value: Any) -> bool:
    """Whether a network is only what leads to an output, of which the text itself makes no `Model`."""
    return isinstance(value, KerasNetwork) and not value.own_name


def kept_outputs(owner: Instance) -> KerasNetwork | None:
    """The network whose outputs an object keeps, of which no other is computed; None where it keeps none."""
    kept = [(name, one) for name, one in owner.names.items() if isinstance(one, KerasTensor) and one.record is not None]
    symbols = [one for name, one in kept if not isinstance(one, KerasWeight) and not MEASURE.search(name.lower())]
    ends = [one for one in symbols if not any(one in ancestors(other) for other in symbols if other is not one)]
    network = of_symbols(ends, owner.cls.line) if ends else None
    return network if isinstance(network, KerasNetwork) else None


def has_layers(module: EvaluatedModule) -> bool:
    """Whether a network has layers or parameters, or keeps layers where PyTorch does not see them."""
    return any(True for _ in (*module.children(), *module.parameters())) or any(
        map(holds_layers, module.values.values())
    )


def has_weights(value: Any) -> bool:
    """Whether a network has parameters, as far as that is known before it meets an input."""
    if isinstance(value, KerasSequential):
        return not value.only_prepares()
    return not isinstance(value, nn.Module) or _has_parameters(value)


def _has_parameters(module: nn.Module) -> bool:
    """Whether a module or one in it has parameters: `parameters()` is slow where many are nested in each other."""
    pending, seen = [module], {id(module)}
    while pending:
        one = pending.pop()
        if any(parameter is not None for parameter in one._parameters.values()):
            return True
        inner = [part for part in one._modules.values() if part is not None and id(part) not in seen]
        seen.update(map(id, inner))
        pending += inner
    return False


def is_copy(value: Any, of: Any) -> bool:
    """Whether a network is another one over again, with parts of its own: a copy, or one that was worked out of it.

    >>> one = nn.Sequential(nn.Linear(2, 2))
    >>> is_copy(nn.Sequential(nn.Linear(2, 2)), of=one), is_copy(nn.Sequential(one), of=one)
    (True, False)
    """
    if not isinstance(value, nn.Module) or type(value) is not type(of) or any(part is of for part in value.modules()):
        return False
    is_same_class = getattr(value, "definition", None) is getattr(of, "definition", None)
    return is_same_class and [name for name, _ in value.named_children()] == [name for name, _ in of.named_children()]


def is_frozen_copy(value: Any, of: Any) -> bool:
    """Whether nothing of a network is trained, and the other one, which has weights of the same shapes, is.

    >>> one, old = nn.Linear(2, 2), nn.Linear(2, 2).requires_grad_(False)
    >>> is_frozen_copy(old, of=one), is_frozen_copy(one, of=old)
    (True, False)
    """
    if not is_copy(value, of):
        return False
    own, others = list(value.parameters()), list(of.parameters())
    is_trained = any(one.requires_grad for one in others) and not any(one.requires_grad for one in own)
    return is_trained and [one.shape for one in own] == [one.shape for one in others]
