"""Networks that a text writes as functions of its own layers and weights: `def net(x): return relu(x @ W1 + b1) @ W2`.

Such a function becomes the `forward` of a class that keeps what it computes with, under the names of the text.
"""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

from torch import Tensor, nn

from core.errors import ParseError
from core.parsing.clean.syntax import all_nodes
from core.parsing.definitions import mentioned, returns
from core.parsing.evaluation.core import MISFITS
from core.parsing.evaluation.evaluator import Evaluator
from core.parsing.evaluation.modules import EvaluatedModule
from core.parsing.evaluation.values import MISSING, Class, Function
from core.parsing.network_values import MEASURE, names_in
from core.parsing.networks.offered_networks import Network, trains_network

TRAINED = "requires_grad"
FEWEST = 2  # layers or weights of a network
NOTE = "{0} computes with layers and weights that stand outside of it: it is read as a class {1} that keeps them."


def functional_networks(
    evaluator: Evaluator, tree: ast.Module, build: Callable[[Class], list[Network]]
) -> tuple[list[Network], list[ast.ClassDef]]:
    """The networks of such functions that no other one calls, in order, and the classes that they are read as."""
    names = evaluator.globals.names
    functions = {name: value for name, value in names.items() if _is_plain(name, value)}
    trained = trained_names(tree, functions)
    parts = {name: made for name, value in names.items() if (made := _kept(name, value, trained))}
    others = {name for name, value in names.items() if isinstance(value, (nn.Module, Class)) and name not in parts}
    reached = {name: _reached(name, functions) for name in functions}
    meant = [
        name
        for name, (called, used) in reached.items()
        if len(used & set(parts)) >= FEWEST
        and not used & others
        and _computes(functions[name])
        and not any(trains_network(functions[one]) for one in called)
    ]
    inner = {one for name in meant for one in reached[name][0] - {name}}
    networks: list[Network] = []
    classes: list[ast.ClassDef] = []
    for name in meant:
        called, used = reached[name]
        first = _arguments(functions[name])[0]
        own = {one: made for one, made in parts.items() if one in used and one != first}
        is_inner = name in inner or (first in trained and trained & set(_arguments(functions[name])[1:]))
        node = None if is_inner else _class(functions, name, called, own)
        if node is None:
            continue
        node.name = next(one for one in _titles(node.name) if evaluator.globals.find(one) is MISSING)
        evaluator.execute(ast.fix_missing_locations(node), evaluator.globals)
        built = build(names[node.name])
        networks += [replace(one, name=name, text=f"{node.name}()") for one in built]
        if built:
            evaluator.notes.append(NOTE.format(name, node.name))
            evaluator.weights |= set(own)
            classes.append(_without_place(node))
            _see_inputs(evaluator, tree, name, built[-1].value)
    return networks, classes


def holds_only_parts(names: Mapping[str, Any], wholes: Sequence[Network]) -> bool:
    """Whether networks are single layers of PyTorch that have others inside, such as that for attention."""
    return all(_is_layer(one.value) and one.name in names for one in wholes)


def _is_layer(value: Any) -> bool:
    is_container = isinstance(value, (nn.Sequential, nn.ModuleList, nn.ModuleDict, EvaluatedModule))
    return isinstance(value, nn.Module) and type(value).__module__.startswith("torch.nn.") and not is_container


def trained_names(tree: ast.Module, functions: Mapping[str, Function]) -> set[str]:
    """Names of tensors that a text says are trained: by `requires_grad`, in a function of its own too."""
    found: set[str] = set()
    makers = {name for name, one in functions.items() if TRAINED in ast.unparse(one.node)}
    lists: dict[str, set[str]] = {}
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[target], value=value):
                names = names_in(target)
                lists |= {name: names_in(value) for name in names}
                is_trained = names_in(value) & makers or TRAINED in ast.unparse(value)
                found |= names if is_trained or ast.unparse(target).endswith(f".{TRAINED}") else set()
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="requires_grad_"))):
                found.add(name)
            case ast.For(target=ast.Name(id=one), iter=every) if f"{one}.{TRAINED}" in ast.unparse(statement):
                found |= lists.get(every.id, set()) if isinstance(every, ast.Name) else names_in(every)
    return found


def _kept(name: str, value: Any, trained: set[str]) -> str:
    """How a module keeps a layer or weight, or a list of such; "" for anything else."""
    if hasattr(nn.Module, name) or name.startswith("__") or name in ("training", "forward"):
        return ""
    if _is_layer(value) or isinstance(value, nn.Parameter):
        return name
    if isinstance(value, Tensor):
        return f"torch.nn.Parameter({name})" if name in trained else ""
    if isinstance(value, list) and value and all(map(_is_layer, value)):
        return f"torch.nn.ModuleList({name})"
    is_of_weights = isinstance(value, list) and value and all(isinstance(one, Tensor) for one in value)
    return f"torch.nn.ParameterList({name})" if is_of_weights and name in trained else ""


def _is_plain(name: str, value: Any) -> bool:
    """Whether it is a function of the text under its own name."""
    is_function = isinstance(value, Function) and isinstance(value.node, ast.FunctionDef) and value.runs_at_once()
    return is_function and value.node.lineno > 0 and value.name == name and value.owner is None


def _reached(name: str, functions: Mapping[str, Function]) -> tuple[set[str], set[str]]:
    """The functions that one calls, itself among them, and all names that they use."""
    called, used, waiting = set(), set(), [name]
    while waiting:
        one = waiting.pop()
        if one not in called:
            called.add(one)
            names = mentioned(functions[one])
            used |= names
            waiting += names & set(functions)
    return called, used


def _computes(function: Function) -> bool:
    """Whether a function gives an output for an input: it neither measures an output nor is called for its effects."""
    spec = function.node.args
    needed = len(_arguments(function)) - len(spec.defaults)
    measures = MEASURE.search(function.name.lower()) or _takes_labels(function)
    return needed > 0 and returns(function) and not measures


def _takes_labels(function: Function) -> bool:
    names = {one.lower().strip("_") for one in _arguments(function)[1:]}
    return bool(names & {"y", "yb", "target", "targets", "label", "labels", "loader", "optimizer", "epochs"})


def _class(
    functions: Mapping[str, Function], name: str, called: set[str], parts: Mapping[str, str]
) -> ast.ClassDef | None:
    """The class whose `forward` is the function; None where a part is a variable of a function too."""
    nodes = {one: functions[one].node for one in called if mentioned(functions[one]) & {*parts, *called}}
    bodies = {one: node for one, node in nodes.items() if isinstance(node, ast.FunctionDef)}
    methods = {one: "forward" if one == name else one for one in bodies}
    own = {**{one: one for one in parts}, **methods}
    handed = set(_arguments(functions[name])[1:]) & set(parts)  # as in `linreg(X, w, b)`
    local = {part for node in bodies.values() for part in _stored(node)}
    local |= {part for one in set(bodies) - {name} for part in _arguments(functions[one])}
    names = set(methods) - {name}
    if local & set(own) or "self" in local or any(hasattr(nn.Module, one) or one in parts for one in names):
        return None
    title = "".join(word[:1].upper() + word[1:] for word in name.split("_")) or "Network"
    head = f"class {title}(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    kept = "".join(f"        self.{one} = {made}\n" for one, made in parts.items())
    made = cast(ast.ClassDef, ast.parse(head + kept).body[0])
    for part in all_nodes(made):
        if isinstance(part, (ast.stmt, ast.expr, ast.arg)):
            part.lineno = part.end_lineno = functions[name].node.lineno
    for one, node in sorted(bodies.items(), key=lambda item: item[1].lineno):
        method = _Owned(own).visit(copy.deepcopy(node))
        method.name, method.decorator_list = methods[one], []
        inputs = [given for given in method.args.args if given.arg not in handed]
        method.args.args = [ast.arg("self", lineno=node.lineno, col_offset=0), *inputs]
        made.body.append(method)
    return made


def _titles(name: str) -> Iterator[str]:
    """Names for a class, the likeliest first."""
    yield name
    yield f"{name}Network"
    yield from (f"{name}{number}" for number in itertools.count(2))


def _stored(node: ast.FunctionDef) -> set[str]:
    """Names that a function gives values to, those of the arguments of functions inside of it too."""
    stored = {part.id for part in all_nodes(node) if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)}
    inner = {one.arg for part in all_nodes(node) if isinstance(part, ast.arguments) for one in part.args}
    return stored | (inner - {one.arg for one in node.args.args})


def _arguments(function: Function) -> list[str]:
    spec = function.node.args
    return [one.arg for one in (*spec.posonlyargs, *spec.args)]


class _Owned(ast.NodeTransformer):
    """Writes `self.fc1` for `fc1`."""

    def __init__(self, own: Mapping[str, str]):
        self.own = own

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.own:
            return node
        return ast.copy_location(ast.Attribute(ast.Name("self", ast.Load()), self.own[node.id], ast.Load()), node)


def _without_place(node: ast.ClassDef) -> ast.ClassDef:
    """A copy that stands in no line of the text."""
    made = copy.deepcopy(node)
    del made.lineno
    return made


def _see_inputs(evaluator: Evaluator, tree: ast.Module, name: str, network: Any) -> None:
    """Takes note of what the text calls the function with."""
    for call in all_nodes(tree):
        match call:
            case ast.Call(func=ast.Name(id=called), args=[given, *_]) if called == name:
                with suppress(ParseError, *MISFITS):
                    value = evaluator.evaluate(given, evaluator.globals)
                    if isinstance(value, Tensor):
                        evaluator.seen_inputs.append((network, tuple(value.shape)))
