"""What a `forward` is called with besides the one input that there is: states, parts of a batch, the same again."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.parsing.clean.per_node import OncePerNode
from core.parsing.clean.syntax import all_nodes
from core.parsing.evaluation.conditions import condition
from core.parsing.evaluation.hidden_state import has_state, state_for, usual_state
from core.parsing.evaluation.open_masks import is_open_mask
from core.parsing.evaluation.values import MISSING, Class, Function, Instance
from core.parsing.evaluation.worded_inputs import words_of_inputs


@dataclass(frozen=True)
class BatchParts:
    """What a `forward` reads of an input that is no tensor: attributes, keys, or so many items in a row."""

    attributes: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    items: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called in the text."""
        return self.attributes or self.keys or self.items

    def holding(self, values: Mapping[str, Any]) -> Any:
        """An object with these parts."""
        if self.attributes:
            return Instance(BATCH, dict(values))
        return dict(values) if self.keys else tuple(values[name] for name in self.items)


EDGES = re.compile(r"edge_?(index|idx|indices)|edges")
ADJACENCY = re.compile(r"adj(acency)?(_?(mat|matrix|norm|hat))?|laplacian|a_hat")
BATCH = Class("batch", (), {}, 0)
NOTHING = BatchParts()


def needed_inputs(method: Function) -> list[str]:
    """Names of the inputs of a `forward` that have no default.

    A network is called with at least so many tensors.
    """
    spec = method.node.args
    names = [parameter.arg for parameter in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)][1:]
    return [name for name in names if name not in method.defaults]


def completed(
    module: Any, method: Function, args: list[Any], kwargs: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """A network of several inputs that is given one gets it for each; those with a star before them by name.

    Parts of one input that are given apart are put together.
    """
    args, kwargs = _put_together(module, method, args, kwargs)
    if not args or kwargs:
        return args, kwargs
    spec = method.node.args
    count = len((*spec.posonlyargs, *spec.args)) - 1
    needed = needed_inputs(method)
    named = needed[len(needed) - sum(a.arg not in method.defaults for a in spec.kwonlyargs) :]
    first = args[0]
    more = {
        name: torch.zeros(first.shape[0], *shape, dtype=dtype, device=first.device)
        for name, (shape, dtype) in module.named_inputs.items()
        if name not in needed[: len(args)]
    }
    positional = [one for one in needed if one not in more and one not in named]
    after = next((needed.index(one) for one in needed if one in more), len(needed))
    named += [one for one in needed[after:] if one in positional]  # behind one that is given by its name
    positional = [one for one in positional if one not in named]
    if isinstance(first, Tensor):
        args = [_as_parts(module, method, name, value) for name, value in zip(positional, args, strict=False)] + args[
            len(positional) :
        ]
        args += [_further(module, method, name, first) for name in positional[len(args) :]]
    else:
        args = args + [first] * (len(positional) - len(args))
    return (args if count or spec.vararg else []), dict.fromkeys(named, first) | more


def further_inputs(module: Any, args: list[Any], kwargs: dict[str, Any]) -> dict[str, tuple[Any, torch.dtype]]:
    """Shapes without the batch, and types, of the tensors that a text hands to a network by name or after the first.

    Of those in a row only what is unlike the first counts, a state apart, whose batch is another axis.
    """
    method = module.definition.find("forward")
    spec = method.node.args if isinstance(method, Function) else None
    names = [one.arg for one in (*spec.posonlyargs, *spec.args)][1:] if spec is not None else []
    tensors = {key: one for key, one in kwargs.items() if isinstance(one, Tensor)}
    batch, sides = args[0].shape[:1], args[0].shape[1:]
    for name, one in list(zip(names, args, strict=False))[1:]:
        is_unlike = isinstance(one, Tensor) and one.shape[:1] == batch and one.shape[1:] != sides
        if is_unlike and not has_state(module, name):
            tensors[name] = one
    return {key: (one.shape[1:], one.dtype) for key, one in tensors.items()}


def _put_together(
    module: Any, method: Function, args: list[Any], kwargs: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """`net(image=a, row=b)` and `net(a, b)` where `forward` reads both of one `batch`; a dictionary as an object."""
    needed = needed_inputs(method)
    parts = parts_read(module, method, needed[0]) if len(needed) == 1 else NOTHING
    if not parts.names:
        return args, kwargs
    if not args and set(kwargs) == set(parts.names):
        return [parts.holding(kwargs)], {}
    if len(args) == len(parts.names) > 1:
        return [parts.holding(dict(zip(parts.names, args, strict=True)))], kwargs
    if len(args) == 1 and isinstance(args[0], dict) and parts.attributes:
        return [parts.holding(args[0])], kwargs
    return args, kwargs


def stated_parts(module: Any, args: Sequence[Any]) -> dict[str, tuple[tuple[int, ...], torch.dtype]]:
    """Sizes without the batch, and types, of what is in a dictionary, an object or a list that a text hands over.

    Only those of as many items as the first of them.
    """
    method = module.definition.find(module.entry)
    names = needed_inputs(method) if isinstance(method, Function) else []
    given: dict[str, Any] = {}
    for name, value in zip(names, args, strict=False):
        inside = value.names if isinstance(value, Instance) else value
        if isinstance(inside, (list, tuple)):
            inside = dict(zip(parts_read(module, method, name).items, inside, strict=False))
        given |= inside if isinstance(inside, dict) else {}
    tensors = {str(name): one for name, one in given.items() if isinstance(one, Tensor) and one.dim()}
    count = next((one.shape[0] for one in tensors.values()), 0)
    found = {name: (tuple(one.shape[1:]), one.dtype) for name, one in tensors.items() if one.shape[0] == count}
    return dict(list(found.items())[1:])


def first_tensor(values: Iterable[Any]) -> Tensor | None:
    """The first of some inputs, or of what one that is a dictionary, an object or a list holds."""
    for value in values:
        inside = value.names if isinstance(value, Instance) else value
        if isinstance(inside, (dict, list, tuple)):
            inside = first_tensor(inside.values() if isinstance(inside, dict) else inside)
        if isinstance(inside, Tensor):
            return inside
    return None


def _as_parts(module: Any, method: Function, name: str, value: Any) -> Any:
    parts = parts_read(module, method, name)
    if not parts.names or not isinstance(value, Tensor):
        return value
    return parts.holding({part: of_graph(part, _sized(module, part, value)) for part in parts.names})


def _sized(module: Any, part: str, first: Tensor) -> Tensor:
    """Zeros for a part whose size is another one than that of the first."""
    if part not in module.part_sizes:
        return first
    shape, dtype = module.part_sizes[part]
    return torch.zeros(first.shape[0], *shape, dtype=dtype, device=first.device)


def _further(module: Any, method: Function, name: str, first: Tensor) -> Any:
    if is_open_mask(module, method, name):
        return None
    if word := words_of_inputs(method.node).get(name):
        return word
    state = state_for(module.evaluator, module, name)
    states = [one for one in needed_inputs(method) if has_state(module, one)]
    if isinstance(state, tuple) and len(state) == len(states) > 1:  # `forward(x, h, c)`, made as one pair
        state = state[states.index(name)]
    if state is MISSING and not parts_read(module, method, name).names:
        needed = needed_inputs(method)
        state = condition(module, method, name, needed, first)
        state = usual_state(module.evaluator, module, name, needed) if state is MISSING else state
    return _as_parts(module, method, name, of_graph(name, first)) if state is MISSING else state


def of_graph(name: str, nodes: Tensor) -> Tensor:
    """Zeros of the shape that the edges of a graph have, for what is called so; for anything else the nodes.

    Args: `nodes` (..., N, F) are N nodes of F features each; `edge_index` is (2, E), `adj` (..., N, N).
    """
    if EDGES.fullmatch(name.lower()):
        return torch.zeros(2, nodes.shape[0], dtype=torch.long, device=nodes.device)
    if ADJACENCY.fullmatch(name.lower()) and nodes.dim() > 1:
        return nodes.new_zeros((*nodes.shape[:-1], nodes.shape[-2]))
    return nodes


def parts_read(module: Any, method: Function, name: str) -> BatchParts:
    """What a `forward` reads of an input that tensors do not have."""
    return _parts(method.node, name, module.evaluator.tensor_names)


@OncePerNode
def _parts(node: ast.AST, name: str, known: frozenset[str]) -> BatchParts:
    nodes = sorted(all_nodes(node), key=lambda one: (getattr(one, "lineno", 0), getattr(one, "col_offset", 0)))
    nodes = _of_tensors(nodes, name, known)
    stored = {key for one in nodes for key in _stored(one)}
    attributes = _first_seen(one.attr for one in nodes if isinstance(one, ast.Attribute) and _is(one.value, name))
    keys = _first_seen(key for one in nodes if (key := _key(one, name)))
    items = next((found for one in nodes if (found := _items(one, name))), ()) or _picked(nodes, name)
    if name in stored:  # it becomes something else
        return BatchParts(items=items) if items and not attributes and not keys else NOTHING
    if keys:
        return NOTHING if set(attributes) - {"get", "keys", "items"} else BatchParts(keys=keys)
    foreign = [one for one in attributes if one not in known]
    if foreign:
        return NOTHING if _is_unpacked(nodes, name, foreign) else BatchParts(attributes=attributes)
    return NOTHING if attributes else BatchParts(items=items)


def _first_seen(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _key(part: ast.AST, name: str) -> str:
    match part:
        case ast.Subscript(value=ast.Name(id=owner), slice=ast.Constant(value=str() as key)):
            return key if owner == name else ""
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id=owner), attr="get"), args=[ast.Constant(value=str() as key)]
        ):
            return key if owner == name else ""
    return ""


def _of_tensors(nodes: list[ast.AST], name: str, known: frozenset[str]) -> list[ast.AST]:
    """Those without a branch of `if isinstance(name, dict)` that no tensor takes, where another reads it, too."""
    asking = (one for one in nodes if isinstance(one, ast.If) and _asks_kind(one.test, name))
    for test, branch in ((one.test, branch) for one in asking for branch in (one.body, one.orelse)):
        inside = {id(part) for statement in branch for part in all_nodes(statement)}
        tested = {id(part) for part in all_nodes(test)}
        others = [part for part in nodes if id(part) not in inside]
        is_foreign = any(_is_foreign(part, name, known) for part in nodes if id(part) in inside)
        if is_foreign and any(_is(part, name) and id(part) not in tested for part in others):
            return _of_tensors(others, name, known)
    return nodes


def _asks_kind(test: ast.expr, name: str) -> bool:
    calls = [one for one in all_nodes(test) if isinstance(one, ast.Call) and ast.unparse(one.func) == "isinstance"]
    return any(one.args and _is(one.args[0], name) for one in calls)


def _is_foreign(part: ast.AST, name: str, known: frozenset[str]) -> bool:
    """Whether it reads what a tensor does not have."""
    return bool(_key(part, name)) or (
        isinstance(part, ast.Attribute) and _is(part.value, name) and part.attr not in known
    )


def _stored(part: ast.AST) -> list[str]:
    return [part.id] if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store) else []


def _items(part: ast.AST, name: str) -> tuple[str, ...]:
    """`a, b = name`."""
    match part:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Name(id=owner)) if owner == name:
            return tuple(ast.unparse(one) for one in targets if not isinstance(one, ast.Starred))
    return ()


def _picked(nodes: list[ast.AST], name: str) -> tuple[str, ...]:
    """`name[0]` and `name[1]`, where the input is used in no other way; nobody picks two images out of a batch."""
    uses = [one for one in nodes if _is(one, name)]
    picked = [one for one in nodes if isinstance(one, ast.Subscript) and _is(one.value, name)]
    places = {ast.unparse(one.slice) for one in picked}
    count = len(places)
    is_all = len(picked) == len(uses) and count > 1 and places == set(map(str, range(count)))
    return tuple(f"{name}[{place}]" for place in range(count)) if is_all else ()


def _is_unpacked(nodes: list[ast.AST], name: str, foreign: list[str]) -> bool:
    """Whether an attribute of an input is several things in its turn: `text, lengths = batch.text`."""
    return any(
        isinstance(one, ast.Assign)
        and isinstance(one.targets[0], ast.Tuple)
        and isinstance(one.value, ast.Attribute)
        and _is(one.value.value, name)
        and one.value.attr in foreign
        and not EDGES.fullmatch(one.value.attr.lower())
        for one in nodes
    )
