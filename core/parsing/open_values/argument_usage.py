"""What an argument of a function is used for: a number, a sequence, settings, a word, a layer, what makes layers.

An argument is followed where it is kept as `self.x`, and where it is passed on to methods, functions and classes of
the text.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.parsing.clean.syntax import all_nodes
from core.parsing.open_values.argument_checks import is_asked_for
from core.parsing.open_values.argument_traits import last_word, of_array, padding_words, places_in, traits
from core.parsing.open_values.argument_words import compared_with
from core.parsing.open_values.listed_numbers import Lists, numbers_of, place_of

MAX_PASSED_ON = 4  # functions that hand an argument to each other
ORDER = ("settings", "table", "word", "matrix", "tensor", "shape", "list", "sequence", "function", "layer")
LAST = ("object", "flag")
MAKING = ("_make", "make", "_build", "build", "_create", "create", "_init", "init", "__init__", "reset")
GETTING = ("_get", "get")  # methods that the constructor asks for layers, or anybody for an embedding
REPEATING = ("_pair", "_triple", "_single", "_quadruple", "to_2tuple", "to_3tuple", "pair", "triple", "to_tuple")
_LAYER_SPACES = (
    "layers",
    "slim",
    "nets",
    "fluid",
    "static.nn",
)  # modules whose functions make a layer of their first argument
_LAYER_ENDS = tuple(f".{one}" for one in _LAYER_SPACES)
_READERS = ("len", "enumerate", "zip", "reversed", "list", "tuple", "iter", "sum", "prod")
_HOLDERS = ("Sequential", "ModuleList", "ModuleDict", "deepcopy", "clone")
_EDITS = ("insert", "append", "extend", "reverse", "sort")
_MERGES = ("add", "concatenate", "multiply", "average", "maximum", "subtract")


@dataclass(frozen=True)
class Callee:
    """What a call of the text runs: its definition, the other methods of its class, and how many arguments it adds."""

    node: ast.AST
    others: Sequence[ast.AST] = ()
    skipped: int = 0


@dataclass
class ArgumentUsage:
    """The kinds of use that were found, most telling first in `kind`; "asked" where it may be None, as others ask.

    `is_made_of` says that it is called while the network is put together: a class, or a function that makes layers.
    """

    kinds: set[str] = field(default_factory=set)
    words: list[str] = field(default_factory=list)  # that it is compared with
    numbers: list[int] = field(default_factory=list)  # that it must be one of
    is_made_of: bool = False

    @property
    def kind(self) -> str:
        """One of `ORDER` and `LAST`, or "number"."""
        return next((kind for kind in (*ORDER, *LAST) if kind in self.kinds), "number")

    def add(self, other: ArgumentUsage) -> None:
        """Takes over what was found elsewhere."""
        self.kinds |= other.kinds
        self.words += other.words
        self.numbers += other.numbers
        self.is_made_of |= other.is_made_of


class Definitions:
    """What a text defines, as far as the use of an argument depends on it; what was found is kept."""

    def __init__(self) -> None:
        self.found: dict[tuple[ast.AST, str], ArgumentUsage] = {}

    def callee(self, function: ast.expr) -> Callee | None:
        """What a call runs, if the text defines it."""
        return None

    def words(self, table: str) -> list[str]:
        """The keys of a dictionary of the text."""
        return []

    def table(self, name: str) -> Any:
        """The list or dictionary of the text that has that name."""
        return None


NOTHING_DEFINED = Definitions()


def usage(
    name: str,
    function: ast.AST,
    others: Iterable[ast.AST] = (),
    definitions: Definitions = NOTHING_DEFINED,
    depth: int = 0,
) -> ArgumentUsage:
    """What an argument of a function is used for.

    Args: `others` are the other methods of its class, which see what the function keeps as `self.x`.

    >>> usage("shape", ast.parse("nn.Conv2d(shape[0], 8, 3)")).kind
    'sequence'
    >>> usage("x", ast.parse("Dense(10)(x)")).kind
    'tensor'
    >>> usage("inputs", ast.parse("x = inputs; x = Dense(10)(x)")).kind
    'tensor'
    >>> usage("kind", ast.parse("if kind == 'relu': pass")).words
    ['relu']
    """
    found = ArgumentUsage()
    own = list(all_nodes(function))
    kept = {place for part in own for place in kept_in(name, part)}
    here = {name, *kept, *(other for part in own if (other := _other_name(name, part)))}
    lists = Lists(own, definitions.table)
    for part in own:
        _note(here, part, found, definitions, is_making=True)
        found.numbers += [one for one in numbers_of(here, part, lists) if one not in found.numbers]
    for node in others if kept else ():
        called = getattr(node, "name", "")
        is_making = called.startswith(MAKING) or (called.startswith(GETTING) and f"self.{called}" in map(place_of, own))
        for part in all_nodes(node):
            _note(kept, part, found, definitions, is_making)
    if depth < MAX_PASSED_ON:
        for callee, parameter in _passed_on(here, own, definitions):
            key = callee.node, parameter
            if key not in definitions.found:
                definitions.found[key] = ArgumentUsage()  # while it is looked for: functions may call each other
                definitions.found[key] = usage(parameter, callee.node, callee.others, definitions, depth + 1)
            found.add(definitions.found[key])
    if depth and is_asked_for(name, function, others):
        found.kinds.add("asked")
    if any(_takes_number(name, part) for part in own):
        found.kinds -= {"sequence", "list", "pairs"}
    return found


def _takes_number(name: str, part: ast.AST) -> bool:
    """Whether one number does where the function goes on with several: `k = _pair(k)`, `if isinstance(k, int)`."""
    match part:
        case ast.Assign(targets=[ast.Name(id=target)], value=ast.Call(func=function, args=[owner])):
            return target == place_of(owner) == name and last_word(function) in REPEATING
        case ast.Call(func=ast.Name(id="isinstance"), args=[owner, kinds]):
            return place_of(owner) == name and "int" in ast.unparse(kinds)
        case ast.Try(
            body=[ast.Assign(value=ast.Call(args=[owner]) as read)],
            handlers=[ast.ExceptHandler(type=ast.expr() as kind)],
        ):
            return place_of(owner) == name and last_word(read.func) in _READERS and "TypeError" in ast.unparse(kind)
    return False


def _passed_on(places: set[str], nodes: list[ast.AST], definitions: Definitions) -> Iterator[tuple[Callee, str]]:
    """Definitions of the text that get the argument, and what it is called there."""
    for part in nodes:
        if not isinstance(part, ast.Call):
            continue
        given = [(index, "") for index, arg in enumerate(part.args) if place_of(arg) in places]
        named = [(0, key.arg) for key in part.keywords if key.arg and place_of(key.value) in places]
        callee = definitions.callee(part.func) if given or named else None
        spec = getattr(callee.node, "args", None) if callee is not None else None
        if callee is None or not isinstance(spec, ast.arguments):
            continue
        names = [parameter.arg for parameter in (*spec.posonlyargs, *spec.args)][callee.skipped :]
        every = {*names, *(parameter.arg for parameter in spec.kwonlyargs)}
        for index, key in [*given, *named]:
            parameter = key or (names[index] if index < len(names) else "")
            if parameter in every:
                yield callee, parameter


def kept_in(name: str, part: ast.AST) -> list[str]:
    """`self.x` for a statement `self.x = name`, and `x` for `x = name if condition else other`."""
    match part:
        case ast.Assign(targets=targets, value=value) if place_of(value) == name:
            return [place for target in targets if (place := place_of(target)).startswith("self.")]
        case ast.AnnAssign(target=target, value=value) if place_of(value) == name:
            return [place] if (place := place_of(target)).startswith("self.") else []
        case ast.Assign(targets=[ast.Name(id=other)], value=ast.IfExp(body=one, orelse=two)):
            return [other] if name in (place_of(one), place_of(two)) else []
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            pairs = zip(targets, values, strict=False)
            return [
                place
                for target, one in pairs
                if place_of(one) == name and (place := place_of(target)).startswith("self.")
            ]
    return []


def _other_name(name: str, part: ast.AST) -> str:
    """`x` for a statement `x = name`."""
    match part:
        case ast.Assign(targets=[ast.Name(id=other)], value=ast.Name(id=value)) if value == name:
            return other
    return ""


def _note(places: set[str], part: ast.AST, found: ArgumentUsage, definitions: Definitions, is_making: bool) -> None:
    """Adds what one node tells of the argument."""
    kind = _use_of(places, part)
    found.kinds |= traits(places, part)
    if kind:
        found.kinds.add(kind)
        found.is_made_of |= kind == "function" and is_making
    words = compared_with(places, part, definitions.words) or padding_words(places, part)
    if words:
        found.kinds.add("word")
        found.words += [word for word in words if word not in found.words]


def _use_of(places: set[str], part: ast.AST) -> str:
    match part:
        case ast.Subscript(value=owner, slice=ast.Constant(value=str())) if place_of(owner) in places:
            return "settings"
        case ast.Subscript(value=owner) | ast.Starred(value=owner) if place_of(owner) in places:
            return "sequence"
        case ast.Call(func=ast.Attribute(value=owner, attr="items" | "keys" | "values"), args=[]):
            return "table" if place_of(owner) in places else ""
        case ast.For(iter=owner) | ast.comprehension(iter=owner) if place_of(owner) in places:
            return "sequence"
        case ast.Assert(
            test=ast.Call(func=ast.Name(id="isinstance"), args=[owner, ast.Name(id="tuple" | "list" as kind)])
        ):
            return {"tuple": "sequence", "list": "list"}[kind] if place_of(owner) in places else ""
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[owner]) if place_of(owner) in places:
            return "sequence"
        case ast.Assign(targets=[ast.Tuple()], value=owner) if place_of(owner) in places:
            return "sequence"
        case (
            ast.BinOp(left=ast.List(), op=ast.Add(), right=owner)
            | ast.BinOp(left=owner, op=ast.Add(), right=ast.List())
        ):
            return "list" if place_of(owner) in places else ""
        case ast.Call(func=ast.Attribute(value=owner, attr=method)) if method in _EDITS and place_of(owner) in places:
            return "list"
        case ast.Call(keywords=keywords) if any(one.arg is None and place_of(one.value) in places for one in keywords):
            return "settings"
        case ast.Call(func=ast.Name(id=function), args=args) if function in _READERS:
            return "sequence" if any(place_of(arg) in places for arg in args) else ""
        case ast.Call(func=ast.Attribute(value=ast.Name(id="tf" | "K"), attr="reshape"), args=[owner, *_]):
            return "object" if place_of(owner) in places else ""  # data in whatever shape
        case ast.Call(func=ast.Attribute(value=space, attr="from_pretrained"), args=[owner, *_]) if of_array(
            owner
        ) in places and last_word(space).startswith("Embedding"):
            return "matrix"
    return _use_in_call(places, part)


def _use_in_call(places: set[str], part: ast.AST) -> str:
    """The use of an argument that is handed to a layer, or to a function that makes or merges layers."""
    match part:
        case ast.Call(func=ast.Call(), args=args) if places & places_in(args):
            return "tensor"
        case ast.Call() if places & places_in(_input_shapes(part)):
            return "shape"
        case ast.Call(func=ast.Attribute(value=space, attr=made), args=args, keywords=named) if (
            made.islower() and f".{ast.unparse(space)}".endswith(_LAYER_ENDS)
        ):
            inputs = [*args[:1], *(one.value for one in named if one.arg in ("inputs", "input", "x"))]
            return "tensor" if places & places_in(inputs) else ""
        case ast.Call(
            func=ast.Attribute(value=ast.Attribute(value=ast.Name(id="tf"), attr="nn"), attr=made), args=args
        ):
            first = 1 if made.endswith("rnn") else 0  # behind the cell
            return "tensor" if places & places_in(args[first : first + 1]) else ""
        case ast.Call(func=ast.Attribute(value=ast.Name(id="tf"), attr="shape" | "matmul"), args=[owner, *_]):
            return "tensor" if place_of(owner) in places else ""
        case ast.Call(func=function, args=[ast.List(elts=args)]) if last_word(
            function
        ) in _MERGES and places & places_in(args):
            return "tensor"
        case ast.Call(func=function, args=args) if last_word(function) in _HOLDERS and places & places_in(args):
            return "layer"
    return _use_by_itself(places, part)


def _use_by_itself(places: set[str], part: ast.AST) -> str:
    """The use of an argument that is handed to no function: in a list, in a test, for its attributes, called."""
    match part:
        case ast.List(elts=items) if places & places_in(items) and any(isinstance(one, ast.Call) for one in items):
            return "layer"
        case ast.If(test=owner) | ast.IfExp(test=owner) if place_of(owner) in places:
            return "flag"
        case ast.Attribute(value=owner) if place_of(owner) in places:
            return "object"
        case ast.Call(func=owner) if place_of(owner) in places:
            return "function"
    return ""


def _input_shapes(call: ast.Call) -> list[ast.expr]:
    """What Keras takes as the shape of an input: of `Input(shape)`, and `input_shape=` of a layer.

    >>> [ast.unparse(one) for one in _input_shapes(ast.parse("Input(shape=size)", mode="eval").body)]
    ['size']
    """
    is_input = last_word(call.func) == "Input"
    named = [one.value for one in call.keywords if one.arg == "input_shape" or (is_input and one.arg == "shape")]
    return [*named, *(call.args[:1] if is_input else [])]
