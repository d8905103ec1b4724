"""What the functions and classes of a text need, use and give back."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from core.parsing.clean.syntax import all_nodes
from core.parsing.dialects.keras import namespaces as keras
from core.parsing.dialects.keras.unbuilt import KerasLayer
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.values import Class, Function, Instance, Special
from core.parsing.network_values import names_in

OBJECTS = ("self", "cls", "this")  # what a method's first argument is called where it is its object or class


def is_keras_layer(cls: Class) -> bool:
    """Whether a class of the text is a layer of Keras, which is no network yet."""
    return cls.base is not None and issubclass(cls.base.cls[-1], KerasLayer)


def needs_nothing(function: Function) -> bool:
    """Whether a function can be called without arguments."""
    spec = function.node.args
    names = [a.arg for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
    return isinstance(function.node, ast.FunctionDef) and all(name in function.defaults for name in names)


def annotation_of(parameter: ast.arg) -> str:
    """A parameter's type, as it is written."""
    return ast.unparse(parameter.annotation).strip("'\"") if parameter.annotation is not None else ""


def receiver(function: Function) -> str:
    """The name of a method's first argument."""
    spec = function.node.args
    names = [*spec.posonlyargs, *spec.args]
    return names[0].arg if names else ""


def takes_no_object(method: Function) -> bool:
    """Whether a method is written like a plain function, `def build(width, height):`, and called on its class."""
    own = receiver(method)
    if own in OBJECTS or method.kind == "classmethod":
        return False
    owners = (part.value for part in all_nodes(method.node) if isinstance(part, ast.Attribute))
    return not any(isinstance(one, ast.Name) and one.id == own for one in owners)


def own_methods(method: Function) -> set[str]:
    """Names of the other methods of its object that a method calls: `self.block(x)`."""
    own = receiver(method)
    names = set()
    for part in all_nodes(method.node):
        match part:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)) if owner == own:
                names.add(name)
    return names - {method.name}


def set_later(cls: Class, made: Instance, builds_layers: Callable[[Function], bool]) -> list[str]:
    """Names that are None in an object until a method sets them which builds no layers, such as `load_data`."""
    methods = [one for one in cls.names.values() if isinstance(one, Function) and one.name != "__init__"]
    stored = {one.name: _stored_in(one) for one in methods}
    by_builders = {name for one in methods if builds_layers(one) for name in stored[one.name]}
    by_others = {name for one in methods for name in stored[one.name]} - by_builders
    return [name for name, value in made.names.items() if value is None and name in by_others]


def _stored_in(method: Function) -> set[str]:
    """Names of the attributes that a method gives its own object."""
    own = receiver(method)
    names = set()
    for part in all_nodes(method.node):
        match part:
            case ast.Attribute(value=ast.Name(id=owner), attr=name, ctx=ast.Store()) if owner == own:
                names.add(name)
    return names


def returns(function: Function) -> bool:
    """Whether a function gives a value back."""
    return any(isinstance(part, ast.Return) and part.value is not None for part in all_nodes(function.node))


def adds_to_argument(function: Function) -> bool:
    """Whether a function adds something to an argument: `model.add(Dense(10))`."""
    spec = function.node.args
    names = {parameter.arg for parameter in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}
    for part in all_nodes(function.node):
        match part:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="add")) if owner in names:
                return True
    return False


def mentioned(value: Function | Class) -> set[str]:
    """Names that a definition uses."""
    if isinstance(value, Function):
        return names_in(value.node)
    inner = {name for one in value.names.values() if isinstance(one, Function) for name in names_in(one.node)}
    return inner | {base.name for base in value.bases if isinstance(base, Class)}


def uses(definitions: Mapping[str, Function | Class]) -> dict[str, set[str]]:
    """Names that each definition uses, its own left out; in words too, where `eval(kind)(3, 8)` looks a class up."""
    used = {name: mentioned(value) for name, value in definitions.items()}
    if any({"eval", "globals"} & names for names in used.values()):
        used = {name: names | _words(definitions[name]) for name, names in used.items()}
    return {name: names - {name} for name, names in used.items()}


def _words(value: Function | Class) -> set[str]:
    functions = [value] if isinstance(value, Function) else value.names.values()
    nodes = [part for one in functions if isinstance(one, Function) for part in all_nodes(one.node)]
    return {part.value for part in nodes if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def in_a_row(evaluator: Evaluator, layers: list[Any]) -> Any:
    """Layers that stand alone, one after the other."""
    if any(isinstance(layer, Special) for layer in layers):
        return evaluator.call(keras.SEQUENTIAL, [layers], {})
    return nn.Sequential(*layers)


def calls_stub(value: ast.expr, find: Callable[[str], Any]) -> bool:
    """Whether an expression calls a function of the text of which nothing is shown but that it raises."""
    called = map(find, names_in(value.func)) if isinstance(value, ast.Call) else ()
    nodes = [one.node for one in called if isinstance(one, Function) and isinstance(one.node, ast.FunctionDef)]
    return any(len(node.body) == 1 and isinstance(node.body[0], ast.Raise) for node in nodes)
